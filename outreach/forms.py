"""What people type: templates, whom to write to, replies."""

from __future__ import annotations

from typing import Any

from django import forms

from groundswell.accounts.models import Brand
from groundswell.lib.codes import short_code
from outreach.models import EmailTemplate, Message
from outreach.rendering import TemplateProblem, check


class TemplateForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = EmailTemplate
        fields = ("name", "subject", "body")
        widgets = {"body": forms.Textarea(attrs={"rows": 16})}
        help_texts = {
            "name": "Only your team sees it.",
            "body": "Plain text. Variables look like {{ first_name }}. Links become clickable by themselves.",
        }

    def clean_subject(self) -> str:
        return self.checked("subject")

    def clean_body(self) -> str:
        return self.checked("body")

    def checked(self, name: str) -> str:
        text = str(self.cleaned_data[name])
        try:
            check(text)
        except TemplateProblem as error:
            raise forms.ValidationError(str(error)) from error
        return text


class WriteForm(forms.Form):
    """Template, chosen collaborations and, outside the declared fields, `post-<code>` or `url-<code>` for each."""

    template = forms.ModelChoiceField(EmailTemplate.objects.none(), to_field_name="code", empty_label=None)
    batch = forms.CharField(max_length=40, widget=forms.HiddenInput)
    chosen = forms.MultipleChoiceField(
        error_messages={
            "required": "Choose at least one creator.",
            "invalid_choice": "One of the chosen creators isn't in this campaign any more. Please look again.",
        }
    )

    def __init__(self, *args: Any, brand: Brand, codes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["template"].queryset = EmailTemplate.objects.of(brand)  # type: ignore[attr-defined]
        self.fields["chosen"].choices = [(code, code) for code in codes]  # type: ignore[attr-defined]
        self.fields["batch"].initial = lambda: short_code(20)

    def references(self) -> dict[str, str]:
        """The post for each chosen code; a pasted address wins over a choice from the list."""
        return {code: self.reference(code) for code in self.data.getlist("chosen")}  # type: ignore[attr-defined]

    def reference(self, code: str) -> str:
        pasted = str(self.data.get(f"url-{code}", "")).strip()
        return pasted or str(self.data.get(f"post-{code}", "")).strip()


class ReplyForm(forms.Form):
    body = forms.CharField(
        label="Your reply", max_length=20_000, widget=forms.Textarea(attrs={"rows": 5, "placeholder": "Write a reply…"})
    )
    channel = forms.ChoiceField(
        choices=[(Message.Channel.EMAIL, "By e-mail"), (Message.Channel.PORTAL, "In the portal only")],
        initial=Message.Channel.EMAIL,
        label="Send",
    )
    batch = forms.CharField(max_length=40, widget=forms.HiddenInput, initial=lambda: short_code(20))


class LogForm(forms.Form):
    direction = forms.ChoiceField(
        choices=[(Message.Direction.OUT, "We wrote"), (Message.Direction.IN, "They wrote")], label="Who wrote"
    )
    body = forms.CharField(label="What was said", max_length=20_000, widget=forms.Textarea(attrs={"rows": 3}))


class PortalForm(forms.Form):
    body = forms.CharField(
        label="Write to the brand",
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "A question, an idea, a date that doesn't work…"}),
    )
    batch = forms.CharField(max_length=40, widget=forms.HiddenInput, initial=lambda: short_code(20))
