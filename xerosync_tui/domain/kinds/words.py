"""Words that tell a person from an organization: case folded and without dots, unless said otherwise."""

from __future__ import annotations

LEGAL_SUFFIXES = frozenset(
    {
        "pty ltd", "pty limited", "proprietary limited", "pty", "ltd", "limited", "unlimited", "ltd co",
        "llc", "llp", "lllp", "pllc", "inc", "incorporated", "corp", "corporation", "co", "company",
        "co ltd", "co limited", "& co", "and co", "& company", "and company", "plc", "cic", "ulc",
        "gmbh", "ggmbh", "mbh", "gmbh & co", "ohg", "gbr", "ev", "sarl", "sàrl", "sas", "sasu", "eurl", "srl",
        "bvba", "sprl", "ltda", "lda", "eireli", "aps", "oyj", "asa", "pte", "pte ltd", "bhd", "sdn bhd", "pvt ltd",
        "private limited", "kft", "sro", "doo", "ood", "eood", "zrt", "pjsc", "ooo",
    }
)  # fmt: skip

# As short as initials and as some surnames: these count only in capitals, as registers write them.
SHORT_SUFFIXES = frozenset(
    {
        "AB", "AG", "AS", "A/S", "BV", "CC", "GP", "KG", "KK", "LP", "NV", "OY", "PA", "PC", "SA", "SE", "SL",
        "SPA", "UG",
    }
)  # fmt: skip

_ORGANIZATION_WORDS = """
    trust trusts trustee trustees atf superannuation smsf fund funds foundation stiftung endowment
    partners partnership associates association assoc alliance federation league guild society
    committee commission council councils department ministry government authority board agency bureau embassy
    club clubs incorporated pty ltd limited llc gmbh corporation group holdings company companies
    enterprises enterprise ventures industries international global worldwide ltda verein
    bank insurance assurance finance financial capital investments investment securities equities
    accounting accountants accountancy bookkeeping auditors lawyers solicitors barristers legal attorneys
    advisory advisors advisers consulting consultants consultancy strategies solutions services service
    systems technologies technology tech software digital data networks network telecom communications
    media marketing advertising publishing publications productions pictures studio studios films photography
    designs design architects architecture engineering engineers surveyors surveying planners
    construction constructions builders building buildings developments development developers projects
    homes properties property realty estate estates rentals leasing strata apartments
    plumbing plumbers electrical electrics electricians roofing painting painters carpentry joinery cabinets
    flooring tiling plastering glazing fencing paving concreting concrete scaffolding demolition excavations
    earthmoving landscaping landscapes gardening gardens mowing cleaning cleaners laundry maintenance repairs
    heating cooling refrigeration airconditioning solar energy electric gas petroleum oil mining minerals
    resources waste recycling environmental manufacturing fabrication fabricators machinery equipment
    tools metals plastics packaging textiles chemicals laboratories labs pharma pharmaceuticals
    supplies supply supplier suppliers distribution distributors wholesale wholesalers retail retailers
    trading traders imports exports importers exporters merchants store stores shop outlet mart market markets
    supermarket boutique fashion jewellers jewellery jewelry florists furniture interiors
    transport transportation logistics freight haulage couriers removals shipping airlines airways aviation
    motors automotive autos tyres tires mechanics panelbeaters towing rental taxis marine
    cafe café restaurant bistro pizzeria catering caterers bakery bakehouse butchery butchers brewery brewing
    distillery winery vineyard vineyards foods food beverages dairy farm farms farming orchards nursery
    hotel hotels motel hostel inn resort tavern brewhouse travel tours tourism
    medical dental dentists clinic clinics hospital hospitals health healthcare pharmacy chemist physiotherapy
    physio optometrists veterinary vets therapy wellness fitness gym yoga salon spa hairdressing barbers
    school schools college university universities institute academy preschool kindergarten childcare daycare
    library museum gallery theatre theater orchestra festival ministries missions diocese
    training education recruitment staffing security events entertainment sports community
    corporate cooperative co-operative coop t/a t/as dba iwi marae rūnanga runanga hapū hapu
    kāinga kainga
"""
ORGANIZATION_WORDS = frozenset(_ORGANIZATION_WORDS.split())

HONORIFICS = frozenset(
    {
        "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "dame", "rev", "reverend", "hon",
        "herr", "frau", "mme", "mlle", "señor", "señora", "senor", "senora", "dato", "datuk", "puan",
    }
)  # fmt: skip

ROLE_MAILBOXES = frozenset(
    {
        "account", "accounting", "accounts", "accountspayable", "admin", "administration", "ap", "billing",
        "contact", "enquiries", "enquiry", "finance", "hello", "hr", "info", "invoice", "invoices", "mail",
        "office", "orders", "payables", "payments", "purchasing", "reception", "sales", "service", "support",
        "team",
    }
)  # fmt: skip

# For the model's features: folded, without dots and apostrophes.
LEGAL_WORDS = frozenset(word for suffix in LEGAL_SUFFIXES for word in suffix.split() if word not in ("&", "and")) | {
    "berhad", "sdn", "pvt", "aktiengesellschaft", "spa", "kg", "bv", "nv", "ag", "oy", "lp", "pc",
}  # fmt: skip
FUNCTION_WORDS = frozenset(
    {
        "the", "of", "for", "in", "at", "on", "to", "by", "with", "from", "your", "our", "my", "all", "no", "its",
        "fur", "pour", "les", "nga", "ngati", "ngai", "o", "ki", "mo", "dba", "tas", "ta", "care", "estate", "late",
    }
)  # fmt: skip
JOINERS = frozenset({"&", "+", "and", "und", "et", "me", "ma"})
GENERATIONS = frozenset({"jr", "sr", "ii", "iii", "iv", "2nd", "3rd", "snr", "jnr", "esq", "phd", "md", "cpa", "ca"})
PARTICLES = frozenset(
    {
        "van", "von", "der", "den", "de", "da", "di", "do", "dos", "das", "del", "della", "la", "le", "du", "bin",
        "binti", "binte", "ibn", "al", "el", "abu", "ap", "ter", "ten", "st", "san", "mac", "mc", "a/l", "a/p",
        "s/o", "d/o", "thi", "van der", "bint", "abd", "abdul", "ul", "ur", "und", "zu", "y", "te",
    }
)  # fmt: skip

FREE_MAIL = frozenset(
    {"gmail", "googlemail", "outlook", "hotmail", "live", "yahoo", "icloud", "bigpond", "xtra", "aol", "proton", "gmx"}
)
