"""Screening: what a message may be a sign of, and what only looks like one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nawzajem.core.screening
from nawzajem.core.screening import Band, Kind, OwnWords, Score, Tier, screen
from nawzajem.core.screening.rulebook import Rulebook
from nawzajem.core.screening.wording import lines

WRITTEN_BESIDE = {"re": 825, "rp": 975, "or": 1200}  # of each batch, the last sentence that was read for the rules
SENTENCES = Path(nawzajem.core.screening.__path__[0]) / "sentences"


@pytest.mark.parametrize(
    ("text", "language", "tier", "kind"),
    [
        ("Dziś w nocy się zabiję, już postanowiłam.", "pl", Tier.IMMINENT, Kind.SUICIDE),
        ("I am going to kill myself tonight.", "en", Tier.IMMINENT, Kind.SUICIDE),
        ("Połknęłam całe opakowanie tabletek.", "pl", Tier.IMMINENT, Kind.SUICIDE),
        ("I've swallowed all the tablets.", "en", Tier.IMMINENT, Kind.SUICIDE),
        ("Od jesieni nie chcę żyć.", "pl", Tier.HIGH, Kind.SUICIDE),
        ("I don't want to live.", "en", Tier.HIGH, Kind.SUICIDE),
        ("Jestem dla wszystkich ciężarem.", "pl", Tier.CONCERN, Kind.SUICIDE),
        ("I feel like a burden to them all.", "en", Tier.CONCERN, Kind.SUICIDE),
        ("Znowu się tnę.", "pl", Tier.HIGH, Kind.SELF_HARM),
        ("I keep cutting myself.", "en", Tier.HIGH, Kind.SELF_HARM),
        ("Ojciec mnie bije.", "pl", Tier.HIGH, Kind.ABUSE),
        ("My stepdad hits me.", "en", Tier.HIGH, Kind.ABUSE),
        ("Jadę go zabić.", "pl", Tier.IMMINENT, Kind.DANGER_TO_OTHERS),
        ("I want to kill him and I have a knife.", "en", Tier.HIGH, Kind.DANGER_TO_OTHERS),
    ],
)
def test_words_that_say_it_plainly_have_their_tier_and_kind(text, language, tier, kind):
    finding = screen(text, language)
    assert (finding.tier, finding.kind) == (tier, kind)
    assert finding.band is (Band.SURE if tier > Tier.CONCERN else Band.UNSURE)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Umieram ze śmiechu.", "pl"),
        ("Ten trening mnie zabił.", "pl"),
        ("I nearly died laughing, that joke killed me.", "en"),
        ("My deadline is killing me.", "en"),
        ("Nie, nie chcę się zabić, jestem tylko zmęczona.", "pl"),
        ("I am not going to kill myself, I meant the stairs.", "en"),
        ("Dwadzieścia lat temu chciałam się utopić, dziś mam wnuki.", "pl"),
        ("I used to cut myself when I was fifteen.", "en"),
        ("Skoczę jeszcze po chleb.", "pl"),
        ("Can you look after my dog while I am on holiday?", "en"),
    ],
)
def test_what_only_looks_like_a_sign_is_none(text, language):
    finding = screen(text, language)
    assert (finding.tier, finding.band) == (Tier.NONE, Band.NO_SIGN)


@pytest.mark.parametrize(
    ("text", "language", "kind"),
    [
        ("Dobranoc wszystkim, dziś kończę ze swoim życiem.", "pl", Kind.SUICIDE),
        ("Jutro mnie już nie będzie, wybaczcie mi.", "pl", Kind.SUICIDE),
        ("Jak dzieci zasną, położę się na torach.", "pl", Kind.SUICIDE),
        ("Stoję za barierką na wiadukcie.", "pl", Kind.SUICIDE),
        ("Nałykałam się tabletek i zasypiam.", "pl", Kind.SUICIDE),
        ("Mam naładowaną strzelbę na kolanach i nie mam już siły.", "pl", Kind.SUICIDE),
        ("Kuzynka pisze, że zaraz skoczy, i nie odbiera telefonu.", "pl", Kind.SUICIDE),
        ("I am ending my life tomorrow, tell my girls I love them.", "en", Kind.SUICIDE),
        ("I won't be here in the morning, forgive me.", "en", Kind.SUICIDE),
        ("Sitting on the edge of the roof.", "en", Kind.SUICIDE),
        ("I've swallowed forty tablets and I feel sleepy.", "en", Kind.SUICIDE),
        ("My mate says he'll hang himself and he's not answering.", "en", Kind.SUICIDE),
        ("Pocięłam się, krew nie przestaje lecieć.", "pl", Kind.SELF_HARM),
        ("Trzymam żyletkę przy udzie i zaraz się potnę.", "pl", Kind.SELF_HARM),
        ("Cut my arm and the blood won't stop.", "en", Kind.SELF_HARM),
        ("I'm holding a razor blade against my thigh.", "en", Kind.SELF_HARM),
        ("Ojciec chodzi po mieszkaniu z siekierą, schowałam się w szafie.", "pl", Kind.ABUSE),
        ("Za ścianą znowu katuje żonę, słyszę krzyk.", "pl", Kind.ABUSE),
        ("Zamknął nas na klucz i bije mamę, pomocy.", "pl", Kind.ABUSE),
        ("We've hidden under the bed, dad is smashing the door.", "en", Kind.ABUSE),
        ("My ex is outside with a crowbar, call the police now.", "en", Kind.ABUSE),
        ("He's strangling my sister right now, please help.", "en", Kind.ABUSE),
        ("Czekam pod jego blokiem z nożem.", "pl", Kind.DANGER_TO_OTHERS),
        ("Jutro w pracy zastrzelę kierownika.", "pl", Kind.DANGER_TO_OTHERS),
        ("Głos każe mi ją udusić, a stoję przy łóżeczku.", "pl", Kind.DANGER_TO_OTHERS),
        ("I'm outside his flat with a hammer and I will kill him.", "en", Kind.DANGER_TO_OTHERS),
        ("Tomorrow I will shoot my supervisor.", "en", Kind.DANGER_TO_OTHERS),
        ("The voices keep telling me to smother her.", "en", Kind.DANGER_TO_OTHERS),
        # a body put at risk on purpose, a hold, a poison, an after without oneself
        ("Silnik chodzi w garażu i nie zamierzam go gasić.", "pl", Kind.SUICIDE),
        ("Nie biorę insuliny, celowo.", "pl", Kind.SUICIDE),
        ("I have stopped my insulin on purpose.", "en", Kind.SUICIDE),
        ("Jutro nie zastaną mnie żywego.", "pl", Kind.SUICIDE),
        ("By morning you won't find me alive.", "en", Kind.SUICIDE),
        ("Jutro nie będzie komu odpisywać, dziękuję.", "pl", Kind.SUICIDE),
        ("There'll be no me tomorrow, forgive me.", "en", Kind.SUICIDE),
        ("On mnie trzyma za gardło.", "pl", Kind.ABUSE),
        ("He is holding me down.", "en", Kind.ABUSE),
        ("Dosypałem mu trutki do kawy.", "pl", Kind.DANGER_TO_OTHERS),
        ("I put poison in his beer.", "en", Kind.DANGER_TO_OTHERS),
        ("Zdzieram sobie skórę z palców, nie umiem przestać.", "pl", Kind.SELF_HARM),
    ],
)
def test_a_deed_with_its_hour_means_or_place_is_imminent_in_whatever_order(text, language, kind):
    finding = screen(text, language)
    assert (finding.tier, finding.kind) == (Tier.IMMINENT, kind)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Stoję na dachu, zakładam z ekipą fotowoltaikę.", "pl"),
        ("Jutro mnie nie będzie, mam wolne za święto.", "pl"),
        ("Wzięłam wszystkie leki na dziś, tak jak przepisał lekarz.", "pl"),
        ("Trzymam nóż w ręku i kroję cebulę do zupy.", "pl"),
        ("W tej grze zaraz go zabiję, mam nóż i jego kryjówkę.", "pl"),
        ("Krew nie przestaje lecieć z nosa, pewnie od upału.", "pl"),
        ("Standing on the roof with the solar crew until four.", "en"),
        ("I took all my tablets with breakfast like the nurse said.", "en"),
        ("I will kill him in the next level, that boss has two swords.", "en"),
        ("Kupiłam sznur na huśtawkę dla wnuczki, wieszam w sobotę.", "pl"),
        # an ordinary day with the same words
        ("Silnik chodzi w garażu, tata sprawdza olej.", "pl"),
        ("My insulin is in the fridge.", "en"),
        ("Zrobiłem sobie kanapkę, dziś z serem.", "pl"),
        ("Rzucił mnie chłopak i ciągle płaczę.", "pl"),
        ("Szef trzyma mnie na spotkaniu.", "pl"),
        ("I take tablets for my blood pressure and they make me dizzy.", "en"),
        ("They are cutting thirty per cent of the team.", "en"),
        ("The bus beat me to the stop.", "en"),
        ("In bed by 9 with dad's old radio.", "en"),  # which is not 999
        ("She tied her own laces, half a year it took.", "en"),
        ("The dog drags the blanket to his basket and has my sock in it.", "en"),
        ("Nie mam siły na zakupy, pójdę jutro.", "pl"),
        ("Proszę jutro zadzwonić do przychodni.", "pl"),
    ],
)
def test_a_game_the_kitchen_a_doctor_or_a_day_at_work_excuses_what_stands_together(text, language):
    assert screen(text, language).tier is Tier.NONE


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("hahaha skończę ze sobą dziś wieczorem i nie żartuję", "pl"),
        ("lol gonna end my life tonight, no joke", "en"),
        ("stoję na dachu szopy z ekipą, ale mówię poważnie, zaraz skoczę", "pl"),
    ],
)
def test_who_says_that_they_mean_it_is_excused_by_nothing(text, language):
    assert screen(text, language).tier is Tier.IMMINENT
    assert screen("haha zabiję się dziś jak nie zaliczę xd", "pl").tier < Tier.IMMINENT


def test_blocks_stand_together_over_the_end_of_a_sentence_but_not_far_from_each_other():
    assert screen("Zostawiłam list na stole. Już mnie więcej nie zobaczycie.", "pl").tier is Tier.IMMINENT
    between = "W ogrodzie kwitną jeszcze dwie róże, a pies śpi pod ławką i czeka na kolację. "
    assert screen(f"Zostawiłam list na stole. {between}Nie wrócę dziś na obiad.", "pl").tier is Tier.NONE


def test_rules_are_written_in_blocks_lists_of_lists_optional_beginnings_and_two_ended_stems():
    rules = Rulebook(
        b"""
        [words]
        denial = "nie"
        red = "czerwon*"
        coloured = "@red niebiesk*"
        [marks]
        soon = ["dzis"]
        [blocks]
        thing = ["(nowy) @coloured zeszyt"]
        deed = ["napisal*m"]
        school = ["szkol*"]
        [[sign]]
        code = "both"
        kind = "abuse"
        tier = "high"
        certainty = 0.5
        together = ["thing deed|soon"]
        unless = ["school"]
        """
    )

    def codes(text):
        return {sign.reason.code for sign in rules.signs(lines(text))}

    assert codes("Napisałam to: nowy niebieski zeszyt.") == codes("Czerwony zeszyt, dzis.") == {"both"}
    assert codes("Czerwony zeszyt.") == codes("Napisałam, czerwony zeszyt do szkoły.") == set()


@pytest.mark.parametrize(
    "text",
    [
        "W tym filmie bohater mówi, że się zabije.",
        "„Zabiję się”, powiedział aktor.",
        "In that novel she says she will kill herself.",
        "The poem ends with “I want to die”.",
    ],
)
def test_a_story_or_a_quotation_is_a_concern_at_most_and_never_sure(text):
    finding = screen(text, "pl")
    assert finding.tier <= Tier.CONCERN
    assert finding.band is not Band.SURE


@pytest.mark.parametrize(
    "text", ["ZABIJĘ SIĘ", "zabije sie", "zabiję   się!!!", "zabijeeee sie", "zabiię się zabije sie"]
)
def test_letters_marks_and_drawn_out_vowels_change_nothing(text):
    assert screen(text, "pl").tier >= Tier.HIGH


def test_spelling_by_ear_is_understood():
    assert screen("chce umżeć", "pl").tier is Tier.HIGH
    assert screen("chce umrzec", "pl").tier is Tier.HIGH


def test_people_are_understood_in_whichever_language_they_are_upset_in():
    assert screen("I want to kill myself", "pl").tier is Tier.HIGH
    assert screen("chcę się zabić", "en").tier is Tier.HIGH


def test_a_hint_of_the_hour_makes_an_intent_imminent_even_in_the_next_sentence():
    assert screen("Powieszę się.", "pl").tier is Tier.HIGH
    assert screen("Powieszę się. Jeszcze tej nocy.", "pl").tier is Tier.IMMINENT


def test_not_being_able_to_stop_is_no_denial():
    assert screen("nie mogę przestać się ciąć", "pl").tier >= Tier.HIGH
    assert screen("I can't stop cutting myself", "en").tier >= Tier.HIGH


def test_a_long_quiet_text_does_not_hide_one_sentence():
    quiet = "Dziś padało, potem wyszło słońce i poszliśmy na spacer. "
    assert screen(quiet * 40 + "Nie chcę już żyć. " + quiet * 40, "pl").tier is Tier.HIGH


def test_a_bare_yes_means_what_was_asked():
    assert screen("Tak.", "pl").tier is Tier.NONE
    assert screen("Tak.", "pl", before="Czy myślisz o samobójstwie?").tier is Tier.HIGH
    assert screen("Tak, dziś.", "pl", before="Myślisz o tym, żeby się zabić?").tier is Tier.IMMINENT
    assert screen("Nie, skąd.", "pl", before="Czy myślisz o samobójstwie?").tier is Tier.NONE


def test_reasons_point_at_the_words():
    text = "Piszę, bo nie chcę żyć, naprawdę."
    (reason,) = screen(text, "pl").reasons
    assert text[reason.start : reason.end] == "nie chcę żyć"


def test_a_programme_adds_words_of_its_own():
    own = (OwnWords("czerwon* zeszy*", Tier.HIGH, Kind.SELF_HARM),)
    assert screen("Znowu piszę w czerwonym zeszycie", "pl").tier is Tier.NONE
    finding = screen("Znowu piszę w czerwonym zeszycie", "pl", words=own)
    assert (finding.tier, finding.kind, finding.reasons[0].code) == (Tier.HIGH, Kind.SELF_HARM, "own_words")


@pytest.mark.parametrize(
    ("phrase", "language", "said"),
    [
        ("czerwony zeszyt", "pl", "Wszystko jest w czerwonym zeszycie? Nie, w CZERWONYCH ZESZYTACH."),
        ("skoczyć z kładki", "pl", "Skoczyłam z kładki."),
        ("(piwnica) | @nic", "pl", "znowu piwnicą, nic"),
        ("the bridge", "en", "They took me to the bridges."),
        ("note*", "en", "My notebooks are gone."),
        ("żółw", "pl", "zolw"),
    ],
)
def test_own_words_are_found_in_other_endings_and_hold_no_marks_of_the_rules(phrase, language, said):
    assert screen(said, language, words=[OwnWords(phrase, Tier.HIGH, Kind.ABUSE, language)]).kind is Kind.ABUSE


def test_own_words_are_not_found_within_other_words_or_longer_ones():
    own = [OwnWords("most", Tier.HIGH, Kind.ABUSE, "pl"), OwnWords("red", Tier.HIGH, Kind.ABUSE, "en")]
    assert screen("Pomost, mostownica i redakcja.", "pl", words=own).tier is Tier.NONE


@given(st.text(max_size=80))
def test_whatever_is_typed_as_words_of_ones_own_can_be_searched_for(typed):
    screen("Znowu piwnica.", "pl", words=[OwnWords(typed, Tier.HIGH, Kind.ABUSE, "pl")])


class Learned:
    """Heads that think of every sentence as they are told to."""

    version = "told-1"

    def __init__(self, tier, certainty):
        self.said, self.seen = Score(tier, Kind.SUICIDE, certainty), []

    def __call__(self, sentences, language):
        self.seen.extend(sentences)
        return [self.said for _ in sentences]


def test_of_rules_and_learned_heads_the_more_pressing_counts():
    assert screen("Pies śpi.", "pl", heads=Learned(Tier.HIGH, 0.6)).tier is Tier.HIGH
    assert screen("Chcę się zabić.", "pl", heads=Learned(Tier.NONE, 0.0)).tier is Tier.HIGH
    assert screen("Chcę się zabić.", "pl", heads=Learned(Tier.IMMINENT, 0.6)).tier is Tier.IMMINENT


def test_learned_heads_see_each_sentence_and_stand_in_the_version():
    heads = Learned(Tier.NONE, 0.0)
    finding = screen("Pies śpi. Kot też!\n…\nDobranoc", "pl", heads=heads)
    assert heads.seen == ["Pies śpi.", "Kot też!\n…", "Dobranoc"]
    assert finding.version.endswith("+told-1")
    assert screen("?", "pl", heads=heads).tier is Tier.NONE


@given(st.text(max_size=400), st.sampled_from(["pl", "en"]), st.text(max_size=60))
def test_whatever_is_written_is_screened_the_same_each_time_and_points_into_the_text(text, language, before):
    finding = screen(text, language, before=before)
    assert finding == screen(text, language, before=before)
    assert 0 <= finding.certainty <= 1
    assert all(0 <= one.start < one.end <= len(text) for one in finding.reasons)
    assert (finding.tier is Tier.NONE) == (finding.kind is Kind.NONE) == (finding.band is Band.NO_SIGN)


@pytest.mark.parametrize("language", ["pl", "en"])
def test_rules_find_what_is_said_plainly_and_leave_ordinary_days_alone(language):
    """Floors, on the sentences that the rules were written beside: a change of a rule that loses much shows here."""
    every = [json.loads(line) for file in SENTENCES.glob("*.jsonl") for line in file.read_text("utf-8").splitlines()]
    items = [one for one in every if int(one["id"][3:]) <= WRITTEN_BESIDE.get(one["id"][:2], 0)]
    assert items
    plain = [one for one in items if one["tier"] == "imminent" and one["explicit"]]
    found = sum(screen(one[language], language).tier >= Tier.HIGH for one in plain)
    assert found >= 0.75 * len(plain)
    ordinary = [one for one in items if one["tier"] == "none" and "everyday" in one["slices"]]
    disturbed = sum(screen(one[language], language).tier > Tier.NONE for one in ordinary)
    assert disturbed <= 0.02 * len(ordinary)
