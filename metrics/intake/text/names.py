# ruff: noqa: SIM905
"""Common first and last names in the United States. First names that are also ordinary words,
places or months (Mark, Grace, April, Charlotte) are left out: those need a cue."""

FIRST_NAMES = frozenset(
    """
    Aaron Abigail Adam Adrian Adriana Agnes Ahmed Aisha Alan Albert Alberto Alejandra Alejandro
    Alexander Alexandra Alexis Alfred Ali Alice Alicia Alison Allison Alyssa Amanda Amir Amy Ana
    Andrea Andres Andrew Angela Angelica Anita Ann Anna Anne Annette Anthony Antonio Ariana Arthur
    Ashley Audrey Barbara Beatrice Benjamin Bernard Beth Bethany Betty Beverly Bonnie Bradley
    Brandon Brenda Brian Brianna Bruce Bryan Caitlin Caleb Cameron Carla Carlos Carmen Carol
    Caroline Carolyn Catherine Cathy Cecilia Cesar Charles Cheryl Chloe Chris Christian Christina
    Christine Christopher Cindy Claire Claudia Connie Connor Courtney Craig Cristina Crystal
    Curtis Cynthia Daniel Daniela Danielle Darlene Darren David Deborah Debra Denise Dennis Derek
    Diana Diane Diego Donald Donna Doris Dorothy Douglas Dylan Edith Eduardo Edward Edwin Eileen
    Elaine Eleanor Elena Elizabeth Ellen Emily Emma Enrique Eric Erica Erin Ernesto Esther Ethan
    Eugene Eva Evan Evelyn Fatima Felicia Fernando Fiona Francisco Gabriel Gabriela Gary Gabrielle
    Gemma Geoffrey George Gerald Geraldine Gilbert Gina Gladys Gloria Gordon Greg Gregory Guadalupe
    Guillermo Gustavo Hannah Harold Harry Hassan Hayden Heather Hector Heidi Helen Henry Herbert
    Holly Howard Hugo Ian Ibrahim Ingrid Irene Isaac Isabel Isabella Ismael Ivan Jacob Jacqueline
    Jaime Jake James Jamie Jane Janet Janice Jared Jasmin Jason Javier Jean Jeff Jeffrey Jenna
    Jennifer Jenny Jeremy Jerome Jerry Jesse Jessica Jill Jim Jimmy Joan Joanna Joanne Joel Johanna
    John Johnny Jonathan Jorge Jose Joseph Joshua Joyce Juan Juanita Judith Judy Julia Julian Julie
    Justin Karen Karina Karl Katherine Kathleen Kathryn Kathy Katie Kayla Keith Kelly Kelsey
    Kenneth Kevin Kimberly Kristen Kristin Kristina Kyle Larry Latoya Laura Lauren Laurie Lawrence
    Leah Leonard Leslie Leticia Liam Linda Lindsay Lindsey Lisa Lois Loretta Lori Lorraine Louis
    Louise Lucas Lucia Luis Luke Lydia Lynn Malik Manuel Marc Marcia Marco Marcos Marcus Margaret
    Margarita Maria Mariana Marie Marilyn Mario Marisol Marjorie Marlene Martha Martin Marvin Mary
    Mateo Matthew Maureen Maurice Megan Melanie Melissa Mercedes Meredith Michael Michelle Miguel
    Mike Mildred Mohamed Mohammed Monica Monique Muhammad Nancy Naomi Natalia Natalie Natasha
    Nathan Nathaniel Nicholas Nicole Nina Noah Norma Olga Oliver Olivia Omar Oscar Pablo Pamela
    Patricia Patrick Paul Paula Pauline Pedro Peter Philip Phillip Phyllis Priscilla Priya Rachel
    Rafael Ralph Ramon Raul Raymond Rebecca Regina Renee Ricardo Richard Roberta Robert Roberto
    Rodney Roger Ronald Rosa Rosemary Roy Ruben Russell Ruth Ryan Sabrina Samantha Samuel Sandra
    Sandy Sara Sarah Scott Sean Sergio Shannon Sharon Shawn Sheila Shelly Sherry Shirley Sofia
    Sonia Sophia Sophie Stacey Stacy Stanley Stella Stephanie Stephen Steve Steven Stuart Susan
    Suzanne Sylvia Tamara Tammy Tanya Tara Teresa Terry Theodore Theresa Thomas Tiffany Tim Timothy
    Tina Todd Tony Tonya Tracy Travis Tyler Valerie Vanessa Veronica Vicki Vincent Vivian Walter
    Wanda Wayne Wendy William Xavier Yolanda Yusuf Yvonne Zachary
    """.split()
)

LAST_NAMES = frozenset(
    """
    Adams Aguilar Allen Alvarez Anderson Bailey Barnes Bennett Brooks Bryant Butler Campbell
    Castillo Castro Chavez Chen Clark Coleman Collins Contreras Cruz Daniels Davis Delgado Diaz
    Edwards Ellis Evans Fernandez Flores Foster Garcia Garza Gibson Gomez Gonzales Gonzalez Graham
    Griffin Guerrero Gutierrez Guzman Hamilton Hansen Harris Harrison Hassan Hayes Henderson
    Hernandez Herrera Hoffman Howard Huang Hughes Ibrahim Jackson Jenkins Jensen Jimenez Johnson
    Johnston Jones Kaur Kelley Kennedy Khan Kim Larson Lewis Lopez Maldonado Marquez Marshall
    Martinez McCarthy McDonald Medina Mehta Mendez Mendoza Meyer Miller Mitchell Mohamed Morales
    Moreno Morgan Morris Munoz Murphy Murray Myers Nelson Nguyen Novak O'Brien O'Connor O'Neil
    Olson Ortega Ortiz Owens Patel Patterson Perez Perkins Peterson Pham Phillips Powell Ramirez
    Ramos Reynolds Richardson Rios Rivera Roberts Robinson Rodriguez Rogers Rojas Romero Ruiz
    Russell Salazar Sanchez Sanders Sandoval Santiago Santos Schmidt Schneider Sharma Silva
    Simmons Simpson Singh Smith Soto Stevens Stewart Sullivan Thompson Torres Tran Tucker Vargas
    Vasquez Vazquez Wagner Walker Wallace Wang Watson Webb Weber Williams Wilson Wright Yang Zhang
    """.split()
)
"""Common last names in the United States that are no ordinary words; after a capitalised
word they are taken as a name."""
