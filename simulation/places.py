"""Cities, nationalities and first names of the practice web, in the words of its six languages."""

from dataclasses import dataclass

from simulation.words import words

LANGUAGES: tuple[str, ...] = ("en", "es", "pt", "fr", "de", "ro")


@dataclass(frozen=True, slots=True)
class City:
    """A city: `slug` for addresses, `country` as ISO 3166 alpha-2, `weight` its share of listings."""

    slug: str
    name: str
    country: str
    language: str
    weight: float
    districts: tuple[str, ...]


CITIES: tuple[City, ...] = (
    City("paris", "Paris", "FR", "fr", 15, ("Bastille", "Montparnasse", "Belleville", "La Défense")),
    City("madrid", "Madrid", "ES", "es", 14, ("Chamartín", "Atocha", "Lavapiés", "Cuatro Caminos")),
    City("london", "London", "GB", "en", 11, ("Paddington", "Stratford", "Earls Court", "Croydon")),
    City("berlin", "Berlin", "DE", "de", 9, ("Wedding", "Charlottenburg", "Neukölln", "Mitte")),
    City("barcelona", "Barcelona", "ES", "es", 8, ("Eixample", "Sants", "Poblenou", "Gràcia")),
    City("lisboa", "Lisboa", "PT", "pt", 6, ("Arroios", "Benfica", "Alvalade", "Areeiro")),
    City("hamburg", "Hamburg", "DE", "de", 5, ("Altona", "Wandsbek", "Harburg", "Barmbek")),
    City("lyon", "Lyon", "FR", "fr", 5, ("Part-Dieu", "Gerland", "Vaise", "Villeurbanne")),
    City("manchester", "Manchester", "GB", "en", 4, ("Salford", "Ancoats", "Didsbury", "Cheetham Hill")),
    City("bucuresti", "București", "RO", "ro", 4, ("Militari", "Titan", "Drumul Taberei", "Unirii")),
    City("marseille", "Marseille", "FR", "fr", 4, ("Castellane", "La Joliette", "Prado", "Noailles")),
    City("valencia", "Valencia", "ES", "es", 4, ("Ruzafa", "Benimaclet", "Campanar", "Patraix")),
    City("koeln", "Köln", "DE", "de", 3, ("Ehrenfeld", "Deutz", "Nippes", "Kalk")),
    City("porto", "Porto", "PT", "pt", 3, ("Bonfim", "Boavista", "Campanhã", "Paranhos")),
    City("wien", "Wien", "AT", "de", 3, ("Favoriten", "Ottakring", "Leopoldstadt", "Meidling")),
    City("muenchen", "München", "DE", "de", 3, ("Schwabing", "Giesing", "Pasing", "Sendling")),
    City("toulouse", "Toulouse", "FR", "fr", 2, ("Capitole", "Rangueil", "Minimes", "Saint-Cyprien")),
    City("sevilla", "Sevilla", "ES", "es", 2, ("Triana", "Nervión", "Macarena", "Los Remedios")),
    City("dublin", "Dublin", "IE", "en", 2, ("Rathmines", "Smithfield", "Drumcondra", "Tallaght")),
    City("cluj", "Cluj-Napoca", "RO", "ro", 2, ("Mănăștur", "Gheorgheni", "Zorilor", "Florești")),
    City("zuerich", "Zürich", "CH", "de", 2, ("Oerlikon", "Altstetten", "Wiedikon", "Seebach")),
    City("birmingham", "Birmingham", "GB", "en", 2, ("Digbeth", "Erdington", "Edgbaston", "Selly Oak")),
)
CITY: dict[str, City] = {city.slug: city for city in CITIES}


@dataclass(frozen=True, slots=True)
class Nationality:
    """A claimed nationality: ISO code, weight, its word (feminine, singular) per language, first names."""

    code: str
    weight: float
    words: dict[str, str]
    names: tuple[str, ...]

    def word(self, language: str) -> str:
        """How an advertisement in `language` names it."""
        return self.words.get(language, self.words["en"])


def _nationality(code: str, weight: float, adjectives: str, names: str) -> Nationality:
    return Nationality(code, weight, dict(zip(LANGUAGES, words(adjectives), strict=True)), words(names))


# Words in the order of LANGUAGES.
NATIONALITIES: tuple[Nationality, ...] = (
    _nationality(
        "CO",
        14,
        "Colombian colombiana colombiana colombienne Kolumbianerin columbiană",
        "Valentina Daniela Paola Yuliana Marcela Lorena Ximena Tatiana Luisa Natalia",
    ),
    _nationality(
        "BR",
        13,
        "Brazilian brasileña brasileira brésilienne Brasilianerin braziliană",
        "Bruna Larissa Camila Thais Rafaela Jéssica Letícia Bianca Priscila Vanessa",
    ),
    _nationality(
        "RO",
        12,
        "Romanian rumana romena roumaine Rumänin româncă",
        "Andreea Ioana Mihaela Alina Raluca Denisa Roxana Bianca Simona Larisa",
    ),
    _nationality(
        "VE",
        10,
        "Venezuelan venezolana venezuelana vénézuélienne Venezolanerin venezueleană",
        "Génesis Mariángel Oriana Yessica Fabiola Andrea Karina Estefanía Rosmary Dayana",
    ),
    _nationality(
        "ES",
        9,
        "Spanish española espanhola espagnole Spanierin spaniolă",
        "Carmen Lucía Alba Noelia Rocío Sara Marta Irene Nuria Cristina",
    ),
    _nationality(
        "HU",
        8,
        "Hungarian húngara húngara hongroise Ungarin maghiară",
        "Zsófia Réka Eszter Dóra Kitti Nóra Vivien Anikó Petra Boglárka",
    ),
    _nationality(
        "UA",
        7,
        "Ukrainian ucraniana ucraniana ukrainienne Ukrainerin ucraineană",
        "Oksana Daryna Yulia Iryna Alina Olena Kateryna Marta Sofia Viktoria",
    ),
    _nationality(
        "TH",
        6,
        "Thai tailandesa tailandesa thaïlandaise Thailänderin thailandeză",
        "Mali Ploy Fah Nok Anong Suda Pim Kanya Dao Lamai",
    ),
    _nationality(
        "PY",
        5,
        "Paraguayan paraguaya paraguaia paraguayenne Paraguayerin paraguayană",
        "Fátima Liz Romina Cynthia Noelia Gloria Mirta Belén Ruth Perla",
    ),
    _nationality(
        "NG",
        5,
        "Nigerian nigeriana nigeriana nigériane Nigerianerin nigeriană",
        "Blessing Joy Precious Favour Gift Mercy Faith Grace Patience Esther",
    ),
    _nationality(
        "DO",
        4,
        "Dominican dominicana dominicana dominicaine Dominikanerin dominicană",
        "Yahaira Rosanny Yokasta Altagracia Wendy Carolina Massiel Anyelina Perla Yamilet",
    ),
    _nationality(
        "MD",
        3,
        "Moldovan moldava moldava moldave Moldauerin moldoveancă",
        "Doina Cristina Natalia Corina Lilia Ana Tatiana Irina Veronica Diana",
    ),
    _nationality(
        "PL",
        3,
        "Polish polaca polaca polonaise Polin poloneză",
        "Kinga Magda Ola Zuzanna Natalia Karolina Agata Ewa Monika Weronika",
    ),
    _nationality(
        "PH",
        3,
        "Filipina filipina filipina philippine Filipina filipineză",
        "Jasmine Angel Rowena Cherry Maricel Analyn Grace Liezl Divina Joy",
    ),
)
NATIONALITY: dict[str, Nationality] = {nationality.code: nationality for nationality in NATIONALITIES}

# Names of colleagues, employers and chat members; any language.
GIVEN_NAMES = words(
    "Adrian Beatriz Cătălin David Elena Florin Gabriela Hugo Inês Jorge "
    "Katrin Lars Mónica Nuno Olivia Pedro Quentin Rita Stefan Teresa "
    "Uwe Vera Wanda Xavier Yolanda Zoe Marc Claire Luc Anke "
    "Jens Sorin Mihai Paula Tiago Raquel Álvaro Begoña Ciara Declan "
    "Fiona Graham Heather Ian Judith Kevin"
)
FAMILY_NAMES = words(
    "Albarrosa Brindelmann Castrovel Dumontier Elvaresco Fontavella Grünhagel Harrowmere Ionașcuței Jardelmo "
    "Kestrelin Lomberas Mirandolo Nordavik Oliveiredo Pascarin Quintavalle Rosendal Stanciovici Tavernier "
    "Ulmensee Valdorada Westerlowe Ybarrondo Zamfirache Montserrado Kaltenbrück Pereirinha Dubrosse Linhardt"
)
