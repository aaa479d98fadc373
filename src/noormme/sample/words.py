"""The words that the sample's rows are made of.

Invariant: plain constants. Their order is part of the sample: the rows are drawn by position.
"""

from __future__ import annotations

__all__ = [
    "BIOS",
    "CITIES",
    "CLIENT_KINDS",
    "CLIENT_NAMES",
    "COUNTRIES",
    "FIRST_NAMES",
    "INDUSTRIES",
    "JOB_TITLES",
    "LAST_NAMES",
    "MESSAGES",
    "PARTS",
    "PROJECT_TYPES",
    "SETTINGS",
    "SPECIALITIES",
    "SUBJECTS",
    "TIME_ZONES",
]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES = _words(
    """
    Ada Ahmed Aisha Akira Alice Amara Amelia Andrea Anika Anna Anton Arjun Astrid Beatriz Ben Bianca
    Bruno Camille Carlos Carmen Chiara Chloe Clara Daniel Daria David Diego Elena Elias Elif Emil
    Emma Erik Esther Eva Fatima Felix Finn Freya Gabriel Giulia Grace Hana Hannah Henrik Hugo
    Ibrahim Ines Ingrid Isaac Isla Ivan Jakub James Jana Javier Joao Jonas Julia Kai Karim Katya
    Kenji Lara Lars Laura Layla Leo Lina Linh Louis Lucia Luka Magnus Malik Mara Marco Maria Mateo
    Maya Mei Mia Mila Mohamed Nadia Naomi Niamh Nico Nina Noah Nora Oliver Olivia Omar Oscar Paula
    Pavel Pedro Petra Priya Rafael Rania Ravi Rosa Ruth Sami Samuel Sara Sofia Stefan Tariq Tessa
    Theo Thomas Tove Uma Valentina Vera Victor Wei Yara Yuki Zoe
    """
)

LAST_NAMES = _words(
    """
    Adeyemi Ahmadi Almeida Andersson Bakker Bauer Becker Berg Bianchi Brandt Carvalho Castillo Chen
    Clarke Cohen Costa Cruz Dahl Diaz Dubois Dupont Eriksen Evans Fernandez Ferrari Fischer Fontaine
    Garcia Gomez Gruber Haddad Hansen Hoffmann Horvat Hughes Ivanova Jansen Jensen Johansson Jones
    Kaya Keller Khan Kim Kowalski Kumar Lambert Larsen Lehmann Leroy Lindberg Lopez Marino Martin
    Mensah Meyer Moreau Moretti Murphy Nakamura Nguyen Nielsen Novak Nowak Okafor Olsen Ortiz Patel
    Pereira Petrov Popescu Quinn Ramos Reyes Ricci Rossi Roux Sato Schmidt Schneider Shah Silva
    Singh Smith Sokolov Suzuki Svensson Tanaka Taylor Torres Vargas Vidal Virtanen Wagner Walker
    Weber Williams Wong Yilmaz Zhang Zimmermann
    """
)

JOB_TITLES = (
    "Producer",
    "Executive Producer",
    "Director",
    "Video Editor",
    "Colourist",
    "Sound Designer",
    "Motion Designer",
    "Camera Operator",
    "Script Writer",
    "Production Manager",
    "Account Manager",
    "Marketing Lead",
    "Brand Manager",
    "Head of Communications",
)

CITIES = (
    "Amsterdam",
    "Berlin",
    "Cape Town",
    "Dublin",
    "Lisbon",
    "Madrid",
    "Milan",
    "Oslo",
    "Seoul",
    "Toronto",
)

BIOS = (
    "Cuts stories until only the story is left.",
    "Fifteen years behind the camera, five in front of a timeline.",
    "Works from {city}. Likes long takes and short meetings.",
    "Believes that good sound is half of the picture.",
    "Came from documentary, stayed for the people.",
    "Keeps budgets, deadlines and nerves in one place.",
    "Moved to {city} for one film and never left.",
    "",
)

TIME_ZONES = (
    "Europe/Berlin",
    "Europe/London",
    "Europe/Lisbon",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Tokyo",
    "Africa/Lagos",
    "UTC",
)

SPECIALITIES = (
    "documentary",
    "commercial",
    "music video",
    "animation",
    "colour grading",
    "sound",
    "social media",
)

INDUSTRIES = (
    "automotive",
    "culture",
    "education",
    "fashion",
    "finance",
    "food",
    "health",
    "hospitality",
    "publishing",
    "software",
    "sport",
    "travel",
)

COUNTRIES = ("DE", "FR", "GB", "US", "ES", "NL", "IT", "SE", "PT", "JP", "BR", "CA")
"""The most frequent first."""

CLIENT_NAMES = _words(
    """
    Alder Amber Anchor Aster Aurora Beacon Birch Bluebird Cedar Cobalt Compass Copper Coral Crescent
    Delta Ember Falcon Fern Fjord Garnet Granite Harbour Hazel Heron Horizon Indigo Iris Juniper
    Kestrel Lantern Larch Linden Lumen Maple Meridian Mosaic Nimbus Northwind Olive Onyx Orchard
    Otter Pebble Pine Quartz Raven River Rowan Saffron Sage Sparrow Summit Tidal Timber Umber Vesper
    Willow Winter Wren Zephyr
    """
)

CLIENT_KINDS = (
    "Bank",
    "Books",
    "Clinics",
    "Foods",
    "Foundation",
    "Hotels",
    "Labs",
    "Motors",
    "Museum",
    "Travel",
)

PROJECT_TYPES = (
    ("commercial", "Commercial", "18000", "A spot of 15 to 60 seconds for television and the web."),
    ("documentary", "Documentary", "42000", "A film about something that happened."),
    ("music_video", "Music video", "12500", "One song, one idea."),
    ("corporate", "Corporate film", "15000", "What a company does, told by those who do it."),
    ("explainer", "Explainer", "6500", "Animation that makes one thing clear in two minutes."),
    ("event", "Event coverage", "4800", "A conference, a premiere, a match: filmed and cut by next morning."),
    ("training", "Training course", "9800", "Lessons with chapters, captions and exercises."),
    ("social", "Social media series", "3200.50", "Short vertical clips, delivered weekly."),
    ("trailer", "Trailer", "7400", "Two minutes that sell two hours."),
    ("podcast", "Video podcast", "1950", "Three cameras, two guests, one hour."),
)
"""Code, name, base price and description, in the order of their keys."""

SUBJECTS = (
    "Behind the Glass",
    "Ten Thousand Steps",
    "The Quiet Harbour",
    "Made by Hand",
    "First Light",
    "A Table for Twelve",
    "Between Two Rivers",
    "The Long Way Home",
    "How Bread Works",
    "Night Shift",
    "Open Water",
    "Paper Cities",
    "The Last Orchard",
    "Signal and Noise",
    "Small Machines",
    "Letters to the Future",
    "Half a Second",
    "Out of the Blue",
    "Learning to Listen",
    "The Colour of Money",
    "Winter Training",
    "What the Map Left Out",
    "Morning on Line 4",
    "A Hundred Doors",
    "The Repair Shop Diaries",
    "Salt, Wind, Steel",
    "Second Half",
    "Field Notes",
    "The Understudy",
    "Room to Grow",
)

PARTS = (
    "Launch Film",
    "Director's Cut",
    "Season One",
    "Teaser",
    "Annual Report",
    "Brand Story",
    "Interview Series",
    "Short Film",
    "Making Of",
    "Campaign",
)

MESSAGES = (
    "Version {n} of {title} is uploaded. The opening is eight seconds shorter now.",
    "Could you look at the colour in scene {n}? The skin tones are too warm.",
    "The client loves it. One small change: the logo stays a second longer.",
    "Music licence for {title} is signed, we can mix.",
    "I am away on Friday. {name} takes over the review.",
    "Please check the captions from minute {n} on, two names are misspelt.",
    "Approved. Send the invoice, please.",
    "The interview in {city} moved to Thursday, same crew.",
    "Render failed at {n} %. I restarted it with the older codec.",
    "Can we lose the drone shot? It costs {n} seconds and says nothing.",
    "Sound is in sync again. It was the frame rate: 25, not 24.",
    "Thanks, {name}. That is the cut.",
    "Deadline for {title} stays where it is; we drop the second language.",
    "Need the raw files of day {n} back from the archive.",
    "Storyboard attached. Pages {n} and following are new.",
)

SETTINGS = (
    '{"theme":"dark","language":"en","notifications":{"email":true,"push":false}}',
    '{"theme":"light","language":"de","notifications":{"email":true,"push":true}}',
    '{"theme":"dark","language":"fr","notifications":{"email":false,"push":true}}',
    '{"theme":"system","language":"es","notifications":{"email":true,"push":false},"beta":true}',
    '{"theme":"light","language":"pt","notifications":{"email":false,"push":false}}',
    "{}",
)
