"""Forms of the account pages. Their autocomplete attributes are what password managers go by (WCAG 2.2, 1.3.5)."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, UserCreationForm
from django.core.exceptions import ValidationError

from .models import User


class _MarksErrors(forms.BaseForm):
    """Django ties messages to their fields by aria-describedby; this adds where to put the focus after a mistake."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The error summary takes the focus when there is one, and an autofocus would take it away again.
        if self.is_bound:
            for field in self.fields.values():
                field.widget.attrs.pop("autofocus", None)


class SignInForm(_MarksErrors, AuthenticationForm):
    error_messages = {
        "invalid_login": "This name and password do not belong together. Mind upper and lower case in the password.",
        "inactive": "This account has been closed. Ask whoever runs this site.",
    }


class SignUpForm(_MarksErrors, UserCreationForm):  # type: ignore[type-arg]  # Django's class takes no type at run time
    """A name and a password: nothing else about a person is needed here, so nothing else is asked for."""

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username",)
        labels = {"username": "Name"}
        help_texts = {"username": "At most 150 letters, digits and @ . + - _"}

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=name).exists():
            raise ValidationError("Somebody has this name already. Choose another one.")
        return name


class ChangePasswordForm(_MarksErrors, PasswordChangeForm):
    error_messages = {
        **PasswordChangeForm.error_messages,
        "password_incorrect": "This is not your present password.",
    }
