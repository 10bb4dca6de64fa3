"""Moodle: the grading worksheet of an assignment, in the language of whoever exported it."""

from __future__ import annotations

from ...errors import UsageError
from .layout import Layout, columns_of, find_column, find_known
from .numbers import parse_points
from .sheet import Line, Sheet

# Titles in English, German, French, Spanish, Catalan, Italian, Portuguese and Dutch.
IDENTIFIER = frozenset(
    {"identifier", "id", "identifiant", "identificador", "identificativo", "identificatie",
     "número de identificação"}
)  # fmt: skip
LOGIN = frozenset(
    {"username", "anmeldename", "nom d'utilisateur", "nombre de usuario",
     "nom d'usuari", "utente", "nome de utilizador", "identificação de usuário",
     "gebruikersnaam"}
)  # fmt: skip
NUMBER = frozenset(
    {"id number", "id-nummer", "matrikelnummer", "numéro d'identification",
     "número de id", "número id", "número de identificación", "codice identificativo",
     "id-nummer gebruiker"}
)  # fmt: skip
EMAIL = frozenset(
    {"email address", "email", "e-mail-adresse", "adresse de courriel", "dirección de correo",
     "dirección email", "correo electrónico", "adreça electrònica", "indirizzo email",
     "endereço de email", "endereço de e-mail", "e-mailadres"}
)  # fmt: skip
NAME = frozenset(
    {"full name", "vollständiger name", "nom complet", "nombre completo", "nome completo",
     "cognome nome", "volledige naam"}
)  # fmt: skip
GRADE = frozenset(
    {"grade", "bewertung", "note", "calificación", "qualificació", "valutazione", "nota",
     "avaliação", "cijfer"}
)  # fmt: skip
MAXIMUM = frozenset(
    {"maximum grade", "bestwertung", "note maximale", "calificación máxima",
     "qualificació màxima", "valutazione massima", "nota máxima", "maximumcijfer"}
)  # fmt: skip
CHANGEABLE = frozenset(
    {"grade can be changed", "bewertung kann geändert werden", "la note peut être modifiée",
     "la calificación puede ser cambiada", "la calificación puede cambiarse",
     "la qualificació es pot canviar", "la valutazione può essere cambiata",
     "nota pode ser alterada", "a nota pode ser alterada.", "a nota pode ser alterada",
     "cijfer kan gewijzigd worden"}
)  # fmt: skip
FEEDBACK = frozenset(
    {"feedback comments", "feedback als kommentar", "feedback par commentaires",
     "comentarios de retroalimentación", "comentaris de retroacció", "commenti",
     "comentários de feedback", "feedback opmerkingen"}
)  # fmt: skip
# Whether it can be changed, in those and in the languages around them.
YES = frozenset({"yes", "ja", "oui", "sí", "si", "sì", "sim", "kyllä", "tak", "ano", "áno", "da"})
NO = frozenset({"no", "nein", "non", "não", "nee", "nej", "nei", "ei", "nie", "ne", "nu"})


def read_moodle(sheet: Sheet, column: str, id_columns: tuple[str, ...]) -> Layout:
    """Find the way in a grading worksheet.

    Moodle writes the maximum beside the grade and then whether it can be changed; where a title is
    in a language that is not known here, the places tell.

    Args:
        sheet: the file.
        column: title of the grade's column; "" for the one Moodle has.
        id_columns: titles of columns that identify; none for the ones Moodle has.

    Raises:
        UsageError: a column cannot be told; says which option names it.
    """
    ids = tuple(find_column(sheet, name, "--id-column") for name in id_columns)
    ids = ids or tuple(
        n for known in (IDENTIFIER, NUMBER, LOGIN, EMAIL) for n in find_known(sheet, known)
    )
    if not ids:
        raise UsageError(
            "the template has no column Identifier or Email address: is it a grading worksheet? "
            f"Name the columns that identify with --id-column; there are {columns_of(sheet)}"
        )
    grade = find_column(sheet, column, "--grade-column") if column else _only(sheet, GRADE)
    if grade is None:
        raise UsageError(
            "the template has no single column Grade: name it with --grade-column; "
            f"there are {columns_of(sheet)}"
        )
    students = tuple(
        line for line in sheet.lines[1:] if not line.is_blank and any(line.value(n) for n in ids)
    )
    maximum = _only(sheet, MAXIMUM)
    if maximum is None and _are_numbers(students, grade + 1):
        maximum = grade + 1
    changeable = _only(sheet, CHANGEABLE)
    if changeable is None and maximum is not None and _are_words(students, maximum + 1):
        changeable = maximum + 1
    names = find_known(sheet, NAME)
    return Layout(
        students=students,
        names=names[0] if names else ids[0],
        ids=ids,
        grade=grade,
        maximum=maximum,
        changeable=changeable,
        feedback=_only(sheet, FEEDBACK),
    )


def _only(sheet: Sheet, names: frozenset[str]) -> int | None:
    found = find_known(sheet, names)
    return found[0] if len(found) == 1 else None


def _are_numbers(students: tuple[Line, ...], column: int) -> bool:
    return bool(students) and all(parse_points(line.value(column)) for line in students)


def _are_words(students: tuple[Line, ...], column: int) -> bool:
    """Whether there is one of at most two words, as for yes and no."""
    words = {line.value(column) for line in students}
    return 1 <= len(words) <= 2 and all(word.isalpha() and len(word) < 8 for word in words)
