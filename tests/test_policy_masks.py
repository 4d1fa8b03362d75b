"""What a chatbot masks: themes as well as people, and never a word that a person has to see."""

from collections.abc import Iterable

from samples import Run

MASKED = {
    "Ring 070-174 06 05. Jag har diabetes.": "Ring [nummer]. [halsa]",
    "Jag har fått diagnosen cancer. Tack.": "[halsa] Tack.",
    "Var hittar jag information om cancer? Tack.": "[halsa] Tack.",
    "Jag är bög. Tack.": "[laggning] Tack.",
    "Finns det någon broschyr om bisexualitet? Tack.": "[laggning] Tack.",
    "Jag röstar på Miljöpartiet. Tack.": "[politik] Tack.",
    "Finns det information om Centerpartiet? Tack.": "[politik] Tack.",
}
# What raises an alert stays as it was written, whatever stands in the sentences around it.
ALARMING = (
    "Jag vill ta mitt liv.",
    "Jag ska döda dig om du inte svarar.",
    "Min man slår mig varje dag.",
    "Jag har skyddad identitet.",
)


def filtered(run: Run, policy: str, texts: Iterable[str]) -> list[str]:
    """One process for all of them: the command answers line by line."""
    ran = run("filter", "--policy", policy, stdin="".join(text + "\n" for text in texts))
    assert ran.code == 0, ran.err
    return ran.out.splitlines()


def test_a_chatbot_masks_facts_and_themes_with_their_sentence(run: Run) -> None:
    assert filtered(run, "kommun-kim", MASKED) == list(MASKED.values())


def test_a_norwegian_chatbot_has_promised_nothing_of_health(run: Run) -> None:
    texts = ["Jeg har fått diagnosen kreft.", "Hvor finner jeg informasjon om diabetes?"]
    assert filtered(run, "kommune-kari", texts) == texts


def test_what_raises_an_alert_is_not_masked(run: Run) -> None:
    sensitive = ("Jag har cancer.", "Var hittar jag information om cancer?")
    texts = [f"{before} {alarm}" for before in sensitive for alarm in ALARMING]
    masked = [f"[halsa] {alarm}" for _ in sensitive for alarm in ALARMING]
    assert filtered(run, "kommun-kim", texts) == masked


def test_beside_an_alert_the_sensitive_word_alone_goes(run: Run) -> None:
    texts = {
        "Jag har cancer och vill ta mitt liv.": "Jag har [halsa] och vill ta mitt liv.",
        "Information om cancer, annars ska jag döda dig.": (
            "Information om [halsa], annars ska jag döda dig."
        ),
    }
    assert filtered(run, "kommun-kim", texts) == list(texts.values())
