"""Signing up and in, by the library; here are its words, its forms and where it leads."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.forms import LoginForm, SignupForm
from allauth.account.stages import EmailVerificationStage
from allauth.account.views import SignupView
from allauth.core.internal import ratelimit
from allauth.decorators import rate_limit
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import password_validation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from nawzajem.ground import gate
from nawzajem.ground.actor import NOBODY, Actor
from nawzajem.ground.patience import Patience, sentence, too_many
from nawzajem.ground.refusals import NotFound
from nawzajem.people import acts, reads
from nawzajem.people.forms import ClaimForm, RecoverForm
from nawzajem.people.models import PSEUDONYM, Person
from nawzajem.programmes import acts as programme_acts
from nawzajem.programmes import reads as programmes
from nawzajem.programmes.reads import digest
from nawzajem.web.account_forms import PASSPHRASE_HINT
from nawzajem.web.doorway import INVITED, Request, entrance, open_page
from nawzajem.web.fresh_factor import is_asked_for
from nawzajem.web.programmes import opens_nothing
from nawzajem.web.whence import Shared, address_of, device_of, has_opened

SHOWN_ONCE = "recovery-code"
PSEUDONYM_HINT = gettext_lazy("Any name but your own. You can change later how you are called.")


# Each refusal in a row makes the next wait longer, for whoever tries from there and for nobody else.
WRONG_PASSPHRASES = Patience("passphrases", free=4, first=10)  # by name and address
WRONG_RECOVERIES = Patience("recoveries", free=4, first=10)  # by name and address
NAMES = Shared(  # that were taken
    Patience("names", free=9, first=10, longest=120, calm=30),
    Patience("names-address", free=90, first=5, longest=30, calm=2),
)


class ConfirmAddress(EmailVerificationStage):
    """Whoever signs in by e-mail confirms the address first. Who has a passphrase is let in: a mistyped address must not
    lock anybody out."""

    def handle(self) -> tuple[Any, bool]:
        person = self.login.user
        if person is not None and person.has_usable_password():
            return None, True
        return super().handle()


class Adapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_taken": gettext_lazy("Somebody here has this name already. Please choose another."),
        "username_password_mismatch": gettext_lazy("Pseudonym and passphrase do not belong together."),
        "email_password_mismatch": gettext_lazy("E-mail address and passphrase do not belong together."),
        "too_many_login_attempts": gettext_lazy("Too many attempts. Please wait a few minutes."),
    }

    def new_user(self, request: HttpRequest) -> Person:
        language = (get_language() or settings.LANGUAGE_CODE)[:2]
        return Person(language=language, speaks=[language], time_zone=settings.TIME_ZONE)

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """That a name is taken has to be said; whoever asks for one name after the other waits longer each time."""
        PSEUDONYM(username)
        if wait := NAMES.wait(self.request):
            raise forms.ValidationError(sentence(wait))
        try:
            return super().clean_username(" ".join(username.split()), shallow=shallow)
        except forms.ValidationError:
            NAMES.refused(self.request)
            raise

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        if wait := WRONG_PASSPHRASES.wait(self._tried(request, credentials)):
            WRONG_PASSPHRASES.refused(self._tried(request, credentials))
            raise forms.ValidationError(sentence(wait))
        super().pre_authenticate(request, **credentials)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        WRONG_PASSPHRASES.refused(self._tried(request, credentials))
        gate.opened_nothing("passphrase", reads.whose_way(credentials.get("username"), credentials.get("email")))

    def login(self, request: HttpRequest, user: Person) -> None:
        super().login(request, user)
        shown = [str(one.get("type") or one["method"]) for one in get_authentication_records(request, user)]
        gate.signed_in(user.pk, ways="+".join(shown) or "new")

    def validation_error(self, code: str, *args: Any) -> Any:
        if code in {"incorrect_code", "too_many_login_attempts"}:
            gate.opened_nothing("code" if code == "incorrect_code" else "too_many")
        return super().validation_error(code, *args)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        person = super().authenticate(request, **credentials)
        if person:
            WRONG_PASSPHRASES.forget(self._tried(request, credentials))
        return person

    def _tried(self, request: HttpRequest, credentials: dict[str, Any]) -> str:
        """Hashed: a name that somebody tries is in no store of the house."""
        return digest(self._get_login_attempts_cache_key(request, **credentials))

    def get_login_stages(self) -> list[str]:
        own = f"{__name__}.{ConfirmAddress.__name__}"
        return [own if stage.endswith(".EmailVerificationStage") else stage for stage in super().get_login_stages()]

    def get_client_ip(self, request: HttpRequest) -> str:
        """For counting attempts only, never kept. Told by the front door; without one, by the socket."""
        return address_of(request)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """By name and address together: whoever types wrong passphrases for somebody else keeps nobody out who comes from elsewhere.
        And nobody at all from an account on a device where it was opened before: there it counts by the device."""
        whence, known = self.get_client_ip(request), device_of(request)
        if known and has_opened(request, reads.whose_way(credentials.get("username"), credentials.get("email"))):
            whence = known
        return f"{super()._get_login_attempts_cache_key(request, **credentials)}:{whence}"

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """No "signed in as": on a screen that others may see, a name is one word too many."""
        if message_template and message_template.endswith(("logged_in.txt", "logged_out.txt")):
            return
        super().add_message(request, level, message_template, *args, **kwargs)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """On the way to what needs a second factor, only second factors."""
        ways: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [way for way in ways if way["id"] != "reauthenticate" or not is_asked_for(self.request)]

    def is_safe_url(self, url: str) -> bool:
        return url_has_allowed_host_and_scheme(url, allowed_hosts={self.request.get_host()})


class EnterForm(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = gettext_lazy("Pseudonym or e-mail address")
        self.fields["login"].widget.attrs = {
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
        }
        self.fields["password"].label = gettext_lazy("Passphrase")
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs = {"autocomplete": "current-password"}
        self.fields["remember"].label = gettext_lazy("Stay signed in on this device")

    def user_credentials(self) -> dict[str, Any]:
        """An address is looked for once: no pseudonym holds an @, and a second look would show by its time that the first found
        somebody."""
        credentials: dict[str, Any] = super().user_credentials()
        if "email" in credentials:
            credentials.pop("username", None)
        return credentials


class JoinForm(SignupForm):
    """A pseudonym and a passphrase, and nothing else."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["email"]
        _plain_pseudonym(self)
        self.fields["password1"].label = gettext_lazy("Passphrase")
        self.fields["password1"].help_text = PASSPHRASE_HINT
        self.fields["password1"].widget.attrs = {"autocomplete": "new-password"}

    def clean_email(self) -> str:
        return ""


class JoinByEmailForm(SignupForm):
    """A pseudonym and an e-mail address, to which codes are sent; no passphrase."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("password1", None)
        _plain_pseudonym(self)
        self.fields["email"].label = gettext_lazy("E-mail address")
        self.fields["email"].required = True
        self.fields["email"].help_text = gettext_lazy(
            "We send a code there, now and whenever you sign in. Nobody here sees the address."
        )
        self.fields["email"].widget.attrs = {"autocomplete": "email"}


def _plain_pseudonym(form: forms.Form) -> None:
    form.fields["username"].label = gettext_lazy("Pseudonym")
    form.fields["username"].help_text = PSEUDONYM_HINT
    form.fields["username"].widget.attrs = {
        "autocomplete": "username",
        "autocapitalize": "words",
        "spellcheck": "false",
        "maxlength": "40",
    }


class Join(SignupView):
    """As the library's; but who gave no e-mail address sees a recovery code before anything else, once."""

    def get_success_url(self) -> str:
        person = getattr(self, "user", None)
        if person is None:  # somebody who is signed in already
            return super().get_success_url()
        self.request.session[SHOWN_ONCE] = acts.new_recovery_code(Actor(person=person.pk), person)
        return f"{reverse('recovery_code')}?{urlencode({'next': _following(self.request)})}"


join = open_page(entrance(Join.as_view()))


class JoinByEmail(SignupView):
    """As the library's sign-up, but the address must be confirmed by its code before anything else."""

    template_name = "account/signup_by_email.html"

    def get_form_class(self) -> type[forms.Form]:
        return JoinByEmailForm


join_by_email = open_page(entrance(JoinByEmail.as_view()))


def _following(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}) else "/"


@never_cache
def recovery_code(request: Request) -> HttpResponse:
    """The code, once; afterwards only the way to a new one."""
    code = request.session.pop(SHOWN_ONCE, None)
    return render(request, "people/recovery_code.html", {"code": code, "following": _following(request), "bare": True})


@require_POST
def new_recovery_code(request: Request) -> HttpResponse:
    request.session[SHOWN_ONCE] = acts.new_recovery_code(request.actor, reads.me(request.actor))
    return redirect(f"{reverse('recovery_code')}?next={reverse('me')}")


@open_page
@entrance
@never_cache
@rate_limit(action="reset_password_from_key")  # type: ignore[untyped-decorator]
def recover(request: Request) -> HttpResponse:
    """Back in with pseudonym and recovery code, and a new passphrase."""
    form = RecoverForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _recovered(request, form)
    return render(request, "people/recover.html", {"form": form}, status=422 if form.errors else 200)


def _recovered(request: Request, form: RecoverForm) -> HttpResponse:
    tried = digest(f"{form.cleaned_data['pseudonym'].lower()}:{ratelimit.get_ip(request)}")
    if wait := WRONG_RECOVERIES.wait(tried):
        WRONG_RECOVERIES.refused(tried)
        raise too_many(wait)
    person = reads.recoverable(form.cleaned_data["pseudonym"], form.cleaned_data["code"])
    if person is None and SHOWN_ONCE in request.session:  # sent twice: the first has just opened
        return _to_sign_in()
    if person is None:
        WRONG_RECOVERIES.refused(tried)
        gate.opened_nothing("recovery_code", reads.whose_way(form.cleaned_data["pseudonym"], None))
        form.add_error(None, _("Pseudonym and recovery code do not belong together."))
        return render(request, "people/recover.html", {"form": form}, status=422)
    try:
        password_validation.validate_password(form.cleaned_data["passphrase"], person)
    except forms.ValidationError as error:
        form.add_error("passphrase", error)
        return render(request, "people/recover.html", {"form": form}, status=422)
    code = acts.recover(NOBODY, person, passphrase=form.cleaned_data["passphrase"])
    messages.success(request, _("Your passphrase is changed. Please sign in with it."))
    request.session[SHOWN_ONCE] = code
    return _to_sign_in()


def _to_sign_in() -> HttpResponse:
    """And from there to the new recovery code."""
    return redirect(f"{reverse('account_login')}?next={reverse('recovery_code')}")


@open_page
@entrance
@never_cache
@rate_limit(action="signup")  # type: ignore[untyped-decorator]
def claim(request: Request) -> HttpResponse:
    """An account that was prepared for somebody: they name it, choose a passphrase, and it is theirs."""
    if INVITED not in request.session and SHOWN_ONCE in request.session:  # claimed a moment ago
        return _to_sign_in()
    try:
        invitation = programmes.invitation(request.session.get(INVITED, ""))
    except NotFound:
        return opens_nothing(request)
    if invitation.claims is None:
        raise NotFound
    form = ClaimForm(request.POST or None, initial={"pseudonym": invitation.claims.pseudonym}, person=invitation.claims)
    if request.method == "POST" and form.is_valid():
        person = programme_acts.claim(NOBODY, invitation, **form.cleaned_data)
        request.session[SHOWN_ONCE] = acts.new_recovery_code(Actor(person=person.pk), person)
        request.session.pop(INVITED)
        messages.success(request, _("This account is yours now. Please sign in with it."))
        return _to_sign_in()
    return render(
        request, "people/claim.html", {"form": form, "invitation": invitation}, status=422 if form.errors else 200
    )
