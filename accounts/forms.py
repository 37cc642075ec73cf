"""Forms of the account pages. Their autocomplete attributes are what password managers go by (WCAG 2.2, 1.3.5)."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, UserCreationForm
from django.core.exceptions import ValidationError

from accounts.company import gives_rights_to
from accounts.models import User

_RULES = "At least 10 characters. Not your name, not a common password, not only digits."


class _InOurWords(forms.BaseForm):
    """Labels and help in the words of this site, and the focus where it belongs after a mistake."""

    labels: dict[str, str] = {}
    help_texts: dict[str, str] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.fields:
            self.fields[name].label = self.labels.get(name, self.fields[name].label)
            self.fields[name].help_text = self.help_texts.get(name, "")
        # The error summary takes the focus when there is one, and an autofocus would take it away again.
        if self.is_bound:
            for field in self.fields.values():
                field.widget.attrs.pop("autofocus", None)


class SignInForm(_InOurWords, AuthenticationForm):
    labels = {"username": "Name"}

    error_messages = {
        "invalid_login": "The name or the password is wrong. Upper and lower case matter in the password.",
        "inactive": "This account has been closed. Ask the people who run this site.",
    }

    def confirm_login_allowed(self, user: Any) -> None:
        """Asked when the password is right."""
        super().confirm_login_allowed(user)
        if gives_rights_to(user):
            told = f"Your rights here come from {settings.COMPANY_NAME}: use its sign-in instead of a password."
            raise ValidationError(told, code="by_company")


class SignUpForm(_InOurWords, UserCreationForm):  # type: ignore[type-arg]  # Django's class takes no type at run time
    """A name and a password: nothing else about a person is needed here, so nothing else is asked for."""

    labels = {"username": "Name", "password2": "Password again"}
    help_texts = {"username": "At most 150 letters, digits and @ . + - _", "password1": _RULES}
    error_messages = {"password_mismatch": "The two passwords differ."}

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username",)

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=name).exists():
            raise ValidationError("This name is already taken. Choose another one.")
        return name


class ChangePasswordForm(_InOurWords, PasswordChangeForm):
    labels = {
        "old_password": "Current password",
        "new_password1": "New password",
        "new_password2": "New password again",
    }
    help_texts = {"new_password1": _RULES}
    error_messages = {
        "password_mismatch": "The two new passwords differ.",
        "password_incorrect": "This is not your current password.",
    }
