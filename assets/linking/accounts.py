"""Accounts: whose an item is by the name that its site shows, as it is told and as it is compared.

Some sites show the same word for all who gave no name. It is nobody's name, and who has it has no account.
"""

import polars as pl

from assets.extraction.given_names import given_names

# What sites, forums and chats write where somebody has no name, or no account any more, in the languages whose texts
# are read (`assets/extraction/rules/signs`) and a few others: no name, a guest, any user, a private seller, deleted.
# Not names of a site's staff, which are accounts, nor words with a number behind, which tells them apart. Written down
# for this purpose from what such software is known to show; how many there are beside these was not measured.
_NO_NAMES = tuple(
    name
    for names in (
        # en
        "anonymous, anonymous user, anon, guest, guest user, user, member, visitor, unknown, unknown user",
        "private, private seller, private advertiser, private person, no name, unnamed, nobody, deleted",
        "deleted user, deleted account, deleted member, former member, hidden, none, null, undefined, n/a",
        "not specified, name withheld",
        # de
        "anonym, anonymer nutzer, anonymer benutzer, gast, benutzer, nutzer, mitglied, besucher, unbekannt",
        "unbekannter benutzer, privat, privatperson, privatanbieter, privater anbieter, privater nutzer",
        "ohne name, ohne namen, kein name, gelöscht, gelöschter benutzer, gelöschter nutzer",
        "gelöschtes konto, ehemaliges mitglied, keine angabe, k. a., k.a.",
        # es
        "anónimo, anonimo, anónima, anonima, usuario anónimo, usuario anonimo, invitado, invitada, usuario",
        "usuaria, miembro, visitante, desconocido, desconocida, privado, particular, anunciante particular",
        "vendedor particular, sin nombre, eliminado, usuario eliminado, cuenta eliminada",
        "usuario desconocido",
        # fr
        "anonyme, utilisateur anonyme, invité, invite, invitée, utilisateur, membre, visiteur, inconnu",
        "inconnue, particulier, privé, prive, sans nom, supprimé, utilisateur supprimé, compte supprimé",
        "ancien membre",
        # it
        "utente anonimo, ospite, utente, membro, visitatore, sconosciuto, sconosciuta, privato",
        "inserzionista privato, senza nome, eliminato, utente eliminato, account eliminato",
        # pt
        "anônimo, anônima, usuário anônimo, utilizador anónimo, convidado, convidada, usuário, utilizador",
        "desconhecido, desconhecida, sem nome, excluído, conta excluída, conta eliminada",
        "utilizador eliminado, usuário excluído",
        # nl
        "anoniem, gebruiker, lid, bezoeker, onbekend, particuliere adverteerder, zonder naam, verwijderd",
        "verwijderde gebruiker, verwijderd account",
        # da
        "gæst, bruger, ukendt",
        # nb
        "gjest, bruker, ukjent",
        # sv
        "gäst, användare, okänd",
        # fi
        "nimetön, vieras, käyttäjä, tuntematon, yksityinen",
        # pl
        "anonimowy, użytkownik anonimowy, gość, użytkownik, nieznany, prywatny, osoba prywatna",
        "konto usunięte",
        # cs
        "anonymní, host, uživatel, neznámý, soukromá osoba",
        # sk
        "anonymný, hosť, používateľ, neznámy, súkromná osoba",
        # hr, sr
        "anoniman, gost, korisnik, nepoznat, nepoznato, privatno, анониман, гост, корисник, непознат",
        # sl
        "uporabnik, neznan",
        # ro
        "anonim, oaspete, vizitator, utilizator, necunoscut, persoană fizică, persoana fizica, cont șters",
        # hu
        "névtelen, vendég, felhasználó, ismeretlen, magánszemély",
        # bg
        "анонимен, потребител, неизвестен, частно лице",
        # el
        "ανώνυμος, επισκέπτης, χρήστης, άγνωστος, ιδιώτης",
        # tr
        "anonim, misafir, ziyaretçi, kullanıcı, bilinmeyen",
        # sq
        "i panjohur",
        # lt
        "anonimas, svečias",
        # lv
        "anonīms, viesis",
        # et
        "anonüümne, külaline",
        # ru
        "аноним, анонимно, анонимный пользователь, гость, пользователь, неизвестный, неизвестно",
        "частное лицо, без имени, удалённый аккаунт, удаленный аккаунт, удалённый пользователь",
        "удаленный пользователь",
        # uk
        "анонім, анонімний користувач, гість, користувач, невідомий, приватна особа, без імені",
        "видалений акаунт",
        # ar
        "مجهول, ضيف, مستخدم, زائر",
        # zh
        "匿名, 匿名用户, 游客, 访客, 未知, 用户",
        # th
        "ไม่ระบุชื่อ, ผู้เยี่ยมชม",
        # vi
        "ẩn danh, khách",
    )
    for name in names.split(", ")
)
# Nothing but signs is no name either.
_NOTHING_BUT_SIGNS = r"^[\p{P}\s]*$"
_AROUND = "[]()<>*-–— \t\n"


def account() -> pl.Expr:
    """The `account` as it is told: without blanks around it, null where that is nobody's name."""
    named = pl.col("account").str.strip_chars()
    compared = named.str.to_lowercase()
    is_nobodys = compared.str.strip_chars(_AROUND).is_in(_NO_NAMES) | named.str.contains(_NOTHING_BUT_SIGNS)
    return pl.when(~is_nobodys).then(named).alias("account")


def account_name() -> pl.Expr:
    """The `account` as it is compared: in lower case, null where there is none, as `name`."""
    return account().str.to_lowercase().alias("name")


def is_given_name(name: pl.Expr) -> pl.Expr:
    """Whether the `name` of an account (`account_name`) is a given name alone, which many have."""
    letters = name.str.normalize("NFKD").str.replace_all(r"\p{Mn}", "")
    return letters.is_in(list(given_names()))


def is_anybodys(name: str) -> pl.Expr:
    """Whether the account `name` (a column, as of `account_name`) is a given name, or one with two digits at most
    behind, of which a site has room for few."""
    return is_given_name(pl.col(name).str.replace(r"[ _.\-]?[0-9]{1,2}$", ""))
