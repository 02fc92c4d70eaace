"""Words of the demo world: invented people, places and texts."""

COUNTRIES: dict[str, dict[str, list[str] | str]] = {
    "DE": {
        "language": "de",
        "cities": ["Berlin", "Hamburg", "Köln", "Leipzig", "Freiburg"],
        "first": ["Lena", "Jonas", "Mia", "Felix", "Hannah", "Paul", "Emilia", "Moritz", "Clara", "Nils"],
        "last": ["Brandt", "Keller", "Voss", "Lindner", "Reuter", "Hartwig", "Seidel", "Ziegler"],
    },
    "FR": {
        "language": "fr",
        "cities": ["Paris", "Lyon", "Nantes", "Lille", "Annecy"],
        "first": ["Chloé", "Lucas", "Manon", "Hugo", "Camille", "Théo", "Inès", "Maxime", "Jade", "Louis"],
        "last": ["Morel", "Garnier", "Lefort", "Perrin", "Chevalier", "Roussel", "Dumont", "Barbier"],
    },
    "GB": {
        "language": "en",
        "cities": ["London", "Manchester", "Bristol", "Leeds", "Edinburgh"],
        "first": ["Olivia", "Harry", "Freya", "Callum", "Isla", "George", "Maya", "Oscar", "Poppy", "Tom"],
        "last": ["Ashworth", "Bellamy", "Fletcher", "Hargreaves", "Pemberton", "Whitlock", "Marsh", "Dunne"],
    },
    "ES": {
        "language": "es",
        "cities": ["Madrid", "Barcelona", "Valencia", "Sevilla", "Bilbao"],
        "first": ["Lucía", "Pablo", "Martina", "Diego", "Carmen", "Álvaro", "Noa", "Iker", "Paula", "Mateo"],
        "last": ["Ortega", "Navarro", "Iglesias", "Vidal", "Serrano", "Campos", "Lozano", "Prieto"],
    },
    "IT": {
        "language": "it",
        "cities": ["Milano", "Roma", "Torino", "Bologna", "Firenze"],
        "first": ["Giulia", "Matteo", "Sofia", "Luca", "Aurora", "Davide", "Elena", "Marco", "Sara", "Pietro"],
        "last": ["Conti", "Ferri", "Galli", "Marini", "Rinaldi", "Fontana", "Leone", "Basile"],
    },
    "NL": {
        "language": "nl",
        "cities": ["Amsterdam", "Utrecht", "Rotterdam", "Groningen"],
        "first": ["Sanne", "Daan", "Fleur", "Bram", "Lotte", "Sem", "Noor", "Thijs", "Eva", "Jelle"],
        "last": ["de Wit", "Visser", "Mulder", "Bakker", "Dekker", "van Dam", "Kuipers", "Smits"],
    },
    "SE": {
        "language": "sv",
        "cities": ["Stockholm", "Göteborg", "Malmö", "Uppsala"],
        "first": ["Elsa", "Oskar", "Astrid", "Viktor", "Ebba", "Axel", "Saga", "Linus", "Tuva", "Emil"],
        "last": ["Lindqvist", "Sandberg", "Nyström", "Ekman", "Holmgren", "Åberg", "Norberg"],
    },
    "US": {
        "language": "en",
        "cities": ["Austin", "Portland", "Denver", "Chicago", "Brooklyn", "San Diego"],
        "first": ["Ava", "Mason", "Zoe", "Ethan", "Naomi", "Caleb", "Ruby", "Logan", "Tessa", "Miles"],
        "last": ["Calloway", "Bennett", "Sutton", "Whitaker", "Delgado", "Monroe", "Okafor", "Tran"],
    },
}
COUNTRY_WEIGHTS = [24, 14, 16, 10, 9, 8, 6, 13]

NICHES: dict[str, dict[str, list[str]]] = {
    "hiking": {
        "bio": ["Slow miles and big views", "Weekend trails, weekday coffee", "Hut to hut, one blister at a time"],
        "caption": [
            "Above the clouds before breakfast",
            "Rain all day, worth every step",
            "Packing list for two nights",
        ],
        "tags": ["#hiking", "#trail", "#mountains"],
    },
    "running": {
        "bio": ["Training for the next start line", "Morning miles", "Trail runner, part-time physio"],
        "caption": ["Tempo Tuesday in the dark", "What I eat before a long run", "Sub-50 at last"],
        "tags": ["#running", "#trailrunning", "#runhappy"],
    },
    "skincare": {
        "bio": ["Routine nerd, sensitive skin", "Ingredients explained simply", "Acne-positive and honest"],
        "caption": ["My evening routine in three steps", "What ceramides really do", "Four weeks with one serum"],
        "tags": ["#skincare", "#skinbarrier", "#routine"],
    },
    "beauty": {
        "bio": ["Everyday looks under ten minutes", "Make-up for tired parents", "Colour theory on faces"],
        "caption": ["Soft glow for grey days", "Drugstore against luxury", "The blush trick nobody told me"],
        "tags": ["#beauty", "#makeup", "#grwm"],
    },
    "fitness": {
        "bio": ["Strong over skinny", "Home workouts without noise", "Coach for beginners"],
        "caption": ["Twenty minutes, no equipment", "Form check: the hinge", "Rest days count"],
        "tags": ["#fitness", "#homeworkout", "#strength"],
    },
    "food": {
        "bio": ["Weeknight dinners", "Plant-based, not perfect", "Bread, mostly"],
        "caption": ["One pan, four ingredients", "Sunday sourdough", "My grandmother's soup"],
        "tags": ["#food", "#recipe", "#homecooking"],
    },
    "travel": {
        "bio": ["Trains before planes", "Small towns, long walks", "Van life with a dog"],
        "caption": ["Three days by night train", "A village you have not heard of", "Budget of a week in the Alps"],
        "tags": ["#travel", "#slowtravel", "#vanlife"],
    },
    "family": {
        "bio": ["Three kids, two cats, no plan", "Outdoor kids", "Honest parenting"],
        "caption": ["Rainy day ideas that work", "First hike with a toddler", "What we stopped buying"],
        "tags": ["#family", "#outdoorkids", "#parenting"],
    },
    "sustainability": {
        "bio": ["Repair before you replace", "Less, better", "Zero-waste beginner"],
        "caption": ["How I mend a jacket", "A year without new clothes", "Five swaps that lasted"],
        "tags": ["#sustainability", "#slowfashion", "#repair"],
    },
    "tech": {
        "bio": ["Gear tested until it breaks", "Cameras for beginners", "Maps, watches, batteries"],
        "caption": ["Six weeks with one watch", "Which camera for hikes", "Battery test at minus ten"],
        "tags": ["#tech", "#gear", "#review"],
    },
}
NEIGHBOURS = {
    "hiking": ["travel", "running"],
    "running": ["fitness", "hiking"],
    "skincare": ["beauty", "sustainability"],
    "beauty": ["skincare", "family"],
    "fitness": ["running", "food"],
    "food": ["family", "sustainability"],
    "travel": ["hiking", "food"],
    "family": ["food", "travel"],
    "sustainability": ["food", "hiking"],
    "tech": ["travel", "running"],
}
COMMENTS = [
    "Where is this exactly? Looks like a dream",
    "I tried this last week and it really works, thank you!",
    "Which size did you take?",
    "🔥🔥🔥",
    "😍",
    "Saved for the weekend",
    "How long did it take you in total?",
    "Love how honest you are about the downsides",
    "Nice",
    "Do you think it also works for beginners?",
    "My skin reacted differently, but great explanation",
    "Please do a follow-up in a month!",
    "👏👏",
    "Just ordered one because of you",
    "The light in the second picture!",
]
REPLIES = [
    "Thank you! It is in the story highlights",
    "Glad it helped",
    "It took me about three hours",
    "Size M, true to fit",
]
# Labels of advertising, and the handle of the brand that paid.
LABELS = [
    ("#ad", "northbound"), ("#anzeige", "peakandpine"), ("#werbung", "lumenskin"), ("#publicité", "glowlab"),
    ("#gifted", "trailhaus"), ("#paidpartnership", "purebotany"),
]  # fmt: skip
