"""How forms look: every field, form and error list in the design system's own templates."""

from django.forms.renderers import TemplatesSetting


class ComponentRenderer(TemplatesSetting):
    """`{{ field.as_field_group }}` is components/field.html, `{{ form }}` is components/form.html."""

    form_template_name = "components/form.html"
    formset_template_name = "components/formset.html"
    field_template_name = "components/field.html"
