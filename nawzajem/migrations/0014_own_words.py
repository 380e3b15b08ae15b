"""Words of a programme's own were lines of text ("high: phrase"); now each says its kind as well."""

import re

from django.db import migrations

TIERS = {"concern", "high", "imminent"}


def with_kinds(apps, _schema):
    for programme in apps.get_model("nawzajem", "Programme").objects.all():
        before = programme.differing.get("screening_words")
        if isinstance(before, dict):
            programme.differing["screening_words"] = [
                made for language, lines in before.items() for line in lines.splitlines() if (made := _one(language, line))
            ][:100]
            programme.save(update_fields=["differing"])


def _one(language, line):
    """Without a tier they were high; and what they meant was danger to the writer."""
    tier, _colon, words = line.strip().rpartition(":")
    tier = tier.strip().lower()
    words = words.strip() if tier in TIERS else line.strip()
    tier = tier if tier in TIERS else "high"
    kept = re.search(r"\w{3}", words)
    return {"language": language, "words": words[:80], "tier": tier, "kind": "suicide"} if kept else None


class Migration(migrations.Migration):
    dependencies = [("nawzajem", "0013_looks_at_concerns")]

    operations = [migrations.RunPython(with_kinds, migrations.RunPython.noop)]
