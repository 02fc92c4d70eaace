"""The product's own brief templates, offered to every brand."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

RIGHTS = (
    "The brand may share the post within the same network and show it on its own website and in its newsletter for "
    "12 months from the day of posting, worldwide, naming the creator. Paid advertising with the content is not "
    "included and needs a separate agreement."
)
DISCLOSURE = (
    "Mark the post as advertising with a clear word at the very beginning of the caption (“Ad”, in German “Werbung” or "
    "“Anzeige”, in French “Publicité”), and switch on the network's paid partnership label as well. A hashtag at the "
    "end, a tag of the brand or the code alone is not enough."
)
TEMPLATES = {
    "Reel with product": {
        "benefits": "What the product does better than what people use now\nWho it is made for\nOne figure or fact that can be checked",
        "must_mention": "The product's name\nYour personal code, spoken or on screen\nThe link in your profile or sticker",
        "dos": "Show the product in use within the first three seconds\nFilm in your own everyday setting and your own voice\nTurn on subtitles",
        "donts": "Don't compare with other brands by name\nDon't promise effects the product doesn't have\nDon't use music without a licence for advertising",
        "disclosure": DISCLOSURE + " In the video, show the word on screen from the first second.",
        "usage_rights": RIGHTS,
    },
    "Unboxing and review": {
        "benefits": "What is in the box\nWhat the product solves\nHow long it lasts or how it is cared for",
        "must_mention": "The product was given to you by the brand\nOne thing you like and one thing that could be better\nYour personal code",
        "dos": "Use the product for at least three days before you judge it\nSay what you really think\nShow packaging, size and details",
        "donts": "Don't read out a text\nDon't make claims about health or safety\nDon't show other people's faces without their consent",
        "disclosure": DISCLOSURE + " A product you were given counts as payment, also without a fee.",
        "usage_rights": RIGHTS,
    },
    "Local visit": {
        "benefits": "What makes the place special\nWhat to order, try or look at\nAddress, opening hours and how to get there",
        "must_mention": "The name of the place and the neighbourhood\nThe location tag\nYour personal code for visitors",
        "dos": "Come at a quiet time and tell the staff who you are\nShow the way in, the atmosphere and one detail\nAnswer questions in the comments for two days",
        "donts": "Don't film guests who haven't agreed\nDon't film in the kitchen or back rooms without asking\nDon't announce prices that aren't on the menu",
        "disclosure": DISCLOSURE + " Stories need the word on every frame.",
        "usage_rights": RIGHTS,
    },
}


def add(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    template = apps.get_model("campaigns", "BriefTemplate")
    for name, parts in TEMPLATES.items():
        template.objects.update_or_create(brand=None, name=name, defaults=parts)


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("campaigns", "BriefTemplate").objects.filter(brand=None, name__in=TEMPLATES).delete()


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
