"""A person: one kind of account. Whoever asks may also give."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from nawzajem.ground import clock
from nawzajem.ground.models import Row
from nawzajem.ground.seal import new_vault

PSEUDONYM = RegexValidator(
    r"^[^\W_](?:[\w .'’-]*[\w.])?$", _("Letters, digits, spaces, dots and hyphens; a letter or digit first.")
)


class People(BaseUserManager["Person"]):
    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(pseudonym__iexact=username)


class Person(Row, AbstractBaseUser):
    class Language(models.TextChoices):
        POLISH = "pl", "polski"
        ENGLISH = "en", "English"

    class Address(models.TextChoices):
        PROGRAMME = "", _("as the programme does")
        INFORMAL = "informal", _("by first name (Ty)")
        FORMAL = "formal", _("formally (Pani, Pan)")

    class Theme(models.TextChoices):
        SYSTEM = "", _("as my device does")
        LIGHT = "light", _("light")
        DARK = "dark", _("dark")

    class Text(models.TextChoices):
        ORDINARY = "", _("ordinary")
        LARGE = "large", _("large")
        LARGER = "larger", _("very large")

    class Age(models.TextChoices):
        UNDER_16 = "13_15", _("13 to 15")
        UNDER_18 = "16_17", _("16 or 17")
        UNDER_25 = "18_24", _("18 to 24")
        UNDER_35 = "25_34", _("25 to 34")
        UNDER_50 = "35_49", _("35 to 49")
        UNDER_65 = "50_64", _("50 to 64")
        OLDER = "65_up", _("65 or older")

    class Gender(models.TextChoices):
        UNSAID = "", _("I would rather not say")
        WOMAN = "woman", _("woman")
        MAN = "man", _("man")
        OTHER = "other", _("another, or between")

    pseudonym = models.CharField(max_length=40, validators=[PSEUDONYM])
    email = models.EmailField(blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=clock.stamp, editable=False)
    seen_on = models.DateField(null=True)  # a date, not a time: enough to notice silence

    language = models.CharField(max_length=2, choices=Language, default=Language.POLISH)
    speaks = models.JSONField(default=list)  # languages to talk in, ISO 639-1
    address = models.CharField(max_length=8, choices=Address, blank=True)
    time_zone = models.CharField(max_length=40, default="Europe/Warsaw")
    age = models.CharField(max_length=5, choices=Age, blank=True)
    gender = models.CharField(max_length=5, choices=Gender, blank=True)

    theme = models.CharField(max_length=5, choices=Theme, blank=True)
    text_size = models.CharField(max_length=6, choices=Text, blank=True)
    strong_contrast = models.BooleanField(default=False)
    still = models.BooleanField(default=False)
    shows_presence = models.BooleanField(default=True)

    vault = models.BinaryField(default=new_vault)
    recovery = models.CharField(max_length=128, blank=True)  # hash of the recovery code

    objects: ClassVar[People] = People()
    last_login = None  # the date in seen_on is enough

    USERNAME_FIELD = "pseudonym"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("pseudonym"), name="person_pseudonym")]

    def __str__(self) -> str:
        return self.pseudonym

    @property
    def is_minor(self) -> bool:
        return self.age in {self.Age.UNDER_16, self.Age.UNDER_18}

    @property
    def is_prepared(self) -> bool:
        """Made for somebody who has not claimed it: there is no way in yet."""
        return not (self.has_usable_password() or self.email)

    def language_code(self, *, formal: bool) -> str:
        """The catalogue to read from. Only Polish makes a difference between the two forms of address."""
        wanted = self.address == self.Address.FORMAL or (formal and not self.address)
        return "pl-formal" if self.language == "pl" and wanted else self.language


class Token(Row):
    """A personal token for the api: shown once, kept as a hash, good for its scopes only."""

    class Scope(models.TextChoices):
        READ = "read", _("read what I can read")
        WRITE = "write", _("do what I can do")
        TALK = "talk", _("read and write messages")
        COORDINATE = "coordinate", _("do my duties")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    made_at = models.DateTimeField(default=clock.stamp, editable=False)
    used_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)


class Device(Row):
    """Where somebody is signed in, as coarse as their memory of it: no address, no version of anything."""

    class Kind(models.TextChoices):
        PHONE = "phone", _("a telephone or tablet")
        COMPUTER = "computer", _("a computer")

    BROWSERS: ClassVar = {"edg": "Edge", "opr": "Opera", "firefox": "Firefox", "chrome": "Chrome", "safari": "Safari"}

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="devices")
    session = models.CharField(max_length=40, unique=True)  # the key under which the session is kept
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.COMPUTER)
    browser = models.CharField(max_length=10, blank=True)
    began_at = models.DateTimeField(default=clock.stamp, editable=False)
    seen_on = models.DateField()
