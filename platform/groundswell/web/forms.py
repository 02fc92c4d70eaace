from django.forms.renderers import TemplatesSetting


class ComponentRenderer(TemplatesSetting):
    """Renders every form field with the design system's own template."""

    field_template_name = "components/field.html"
