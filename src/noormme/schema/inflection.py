"""English plurals to singulars, for the names of model classes.

Invariant: what is a singular already, or is not English, comes back as it was. The rules are those of
the language's regular plurals; each set below is a list of exceptions to one of them.
"""

from __future__ import annotations

__all__ = ["singular"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_IRREGULAR = {
    "alumni": "alumnus",
    "appendices": "appendix",
    "axes": "axis",
    "bacteria": "bacterium",
    "cacti": "cactus",
    "codices": "codex",
    "criteria": "criterion",
    "curricula": "curriculum",
    "feet": "foot",
    "foci": "focus",
    "formulae": "formula",
    "fungi": "fungus",
    "geese": "goose",
    "indices": "index",
    "lice": "louse",
    "loci": "locus",
    "matrices": "matrix",
    "memoranda": "memorandum",
    "mice": "mouse",
    "nuclei": "nucleus",
    "oxen": "ox",
    "phenomena": "phenomenon",
    "quizzes": "quiz",
    "radii": "radius",
    "stimuli": "stimulus",
    "syllabi": "syllabus",
    "teeth": "tooth",
    "vertices": "vertex",
}

_COMPOUNDS = {"people": "person", "children": "child", "women": "woman", "smen": "sman"}
"""Irregular plurals that also end compounds: salespeople, grandchildren, salesmen."""

_MEN = _words("men aldermen chairmen doormen firemen foremen freshmen gentlemen policemen workmen")

_UNCHANGED = _words(
    """
    alias analytics athletics atlas aws bias canvas chaos chassis christmas clothes cms corps cosmos
    dns economics electronics fts gas genetics goods gps headquarters https ios jeans lens logistics
    mathematics means mms news pancreas physics politics pos robotics series sms species sys tls
    trousers yes
    """
)
"""Words that end in s and are no plurals, or have none."""

_IE = _words(
    """
    birdie bookie boogie brownie budgie caddie calorie collie cookie cutie foodie freebie genie goalie
    hippie hoodie indie junkie magpie menagerie movie necktie newbie oldie pixie prairie rookie selfie
    smoothie sortie sweetie talkie townie veggie walkie zombie
    """
)
"""Words in -ie, whose plural must not become -y."""

_CHE = _words("ache avalanche cache cliche creche headache moustache niche psyche quiche toothache")
_OE = _words("canoe doe floe foe hoe horseshoe oboe shoe tiptoe toe woe")

_F = {
    word + "ves": word + ending
    for ending, words in {
        "f": "bookshel cal dwar el hal hoo lea loa scar sel shea shel thie whar wol",
        "fe": "housewi jackkni kni li midwi wi",
    }.items()
    for word in words.split()
}
"""Plurals in -ves whose singular ends in -f or -fe; the others only lose their s."""

_SIS = _words(
    """
    analyses catharses crises diagnoses emphases hypotheses metamorphoses neuroses oases parentheses
    prognoses psychoses synopses syntheses theses
    """
)
"""Plurals in -ses whose singular ends in -sis."""

_ES_AFTER_S = _words("aliases atlases biases canvases gases irises lenses pancreases portcullises")
"""Plurals in -ses whose singular ends in a single s, other than -us."""

_USE = _words("abuses excuses fuses misuses muses overuses recluses refuses reuses ruses uses")
"""Plurals in -uses whose singular ends in -use though no a or o stands before it."""

_U = _words("bayous cpus emus flus gnus gpus gurus haikus menus skus submenus tofus tutus")
_I = _words("alibis apis bikinis emojis graffitis guis kiwis kpis pois rois semis skis taxis uris uis wikis")
"""Plurals in -us and -is, which are singulars otherwise (status, analysis)."""


def singular(word: str) -> str:
    """Give the singular of one lower-case English word.

    Args:
        word: One word, such as ``"categories"``; not a phrase.

    Returns:
        The singular (``"category"``), or the word itself when it is no plural that the rules know
        (``"status"``, ``"series"``, ``"data"``, ``"media"``).
    """
    irregular = _IRREGULAR.get(word)
    if irregular is not None:
        return irregular
    if word in _MEN:
        return word[:-2] + "an"
    for plural, single in _COMPOUNDS.items() if word.endswith(("n", "people")) else ():
        if word.endswith(plural):
            return word.removesuffix(plural) + single
    if len(word) < 3 or not word.endswith("s") or not word.isascii() or word in _UNCHANGED:
        return word
    return _without_s(word)


def _without_s(word: str) -> str:
    if word.endswith("es"):
        return _without_es(word)
    if word.endswith("ss"):
        return word
    if word.endswith("us"):
        return word[:-1] if word in _U else word
    if word.endswith("is"):
        return word[:-1] if word in _I else word
    return word[:-1]


def _without_es(word: str) -> str:
    stem = word[:-1]
    if word.endswith("ies"):
        return stem if len(word) < 5 or stem in _IE else word[:-3] + "y"
    if word.endswith("ves"):
        return _F.get(word, stem)
    if word.endswith("oes"):
        return stem if stem in _OE else word[:-2]
    if word.endswith("ches"):
        return stem if stem in _CHE else word[:-2]
    if word.endswith(("shes", "sses", "xes", "zzes", "tzes")) or word in _ES_AFTER_S:
        return word[:-2]
    if word in _SIS:
        return word[:-2] + "is"
    if word.endswith("uses") and word[-5:-4] not in ("a", "o") and word not in _USE:
        return word[:-2]
    return stem
