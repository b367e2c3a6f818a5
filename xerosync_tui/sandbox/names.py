"""Word lists for invented Australian clients. Every name, domain and number made from them is fictitious."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST = _words("""
    Aaron Abigail Adam Aisha Alana Alex Alice Amelia Amy Andrew Angela Anita Anna Anthony Archie Ashley
    Audrey Barry Beatrice Ben Bernadette Beth Bianca Brendan Brett Bronwyn Bruce Caitlin Callum Cameron
    Carla Carmen Caroline Catherine Charlotte Chloe Christine Claire Clive Colin Connor Craig Daniel Daphne
    Darren David Dean Deborah Dennis Diana Dominic Donna Douglas Duncan Edith Edward Eleanor Elena Elise
    Emily Emma Eric Erin Ethan Eva Evan Felix Fiona Frances Frank Fred Gareth Gavin Geoff George Georgia
    Gerald Gina Glenn Grace Graham Greta Gwen Hamish Hannah Harold Harriet Harry Heather Helen Henry Holly
    Howard Hugh Hugo Ian Imogen Ingrid Irene Isaac Isabel Ivan Jack Jacob James Jamie Jane Janet Jasmine
    Jason Jean Jenna Jeremy Jessica Joan Joel John Jonathan Joseph Joyce Judith Julia Justin Karen Karl Kate
    Keith Kelly Kevin Kieran Kim Kirsten Kyle Lachlan Laura Leah Leanne Leo Lewis Liam Lily Linda Lisa Logan
    Louise Lucas Lucy Luke Lydia Mabel Madeleine Malcolm Marcus Margaret Maria Mark Martin Mary Matilda
    Matthew Maureen Max Megan Mei Mia Michael Miles Miranda Mitchell Molly Monica Nadia Naomi Natalie Nathan
    Neil Nicholas Nicole Nigel Nina Noah Nora Oliver Olivia Oscar Owen Pamela Patricia Patrick Paul Penelope
    Peter Philip Phoebe Priya Quentin Rachel Ralph Raymond Rebecca Rhys Richard Rita Robert Robin Roger
    Ronald Rosemary Ross Ruby Russell Ruth Ryan Sally Samantha Samuel Sandra Sarah Scott Sean Sharon Shaun
    Simon Sophie Stella Stephen Stuart Susan Sylvia Tanya Tara Teresa Theo Thomas Tim Toby Tracey Trevor
    Ursula Valerie Vanessa Vera Victor Vincent Violet Virginia Walter Wayne Wendy Wesley William Winifred
    Xavier Yasmin Yvonne Zac Zara Zoe
""")

LAST = _words("""
    Abbott Adams Ahmed Alderton Allen Anderson Archer Armitage Ashworth Atkins Bailey Baker Ballard Barker
    Barlow Bates Baxter Beaumont Bell Bennett Bishop Blackwood Blake Bolton Booth Bowen Bradley Brennan
    Briggs Brooks Brown Bryant Burgess Burke Butler Byrne Callaghan Campbell Carey Carlisle Carr Carter
    Chandler Chang Chapman Chen Clarke Clayton Cole Coleman Collins Conway Cook Cooper Costa Crawford Cross
    Cunningham Curtis Dalton Davies Dawson Dean Delaney Dixon Donnelly Douglas Doyle Drummond Dunn Edwards
    Elliott Ellis Evans Farrell Ferguson Fernandez Field Finch Fisher Fleming Fletcher Flynn Forbes Foster
    Fowler Fraser Freeman Fuller Galloway Gardner Garcia Gibson Gilbert Gordon Graham Grant Gray Green
    Gregory Griffin Hale Hall Hamilton Hardy Harper Harris Harrison Hart Hayes Henderson Herbert Hewitt
    Higgins Hill Hodgson Holland Holmes Hopkins Horton Howe Hudson Hughes Hunt Hunter Hussain Ibrahim Ingram
    Jackson Jacobs James Jarvis Jenkins Jensen Johnson Johnston Jones Jordan Joyce Kaur Kelly Kemp Kennedy
    Kerr Khan Kim King Kirby Knight Kumar Lambert Lane Lawson Le Lee Leigh Lewis Lim Lloyd Lowe Lucas Lynch
    MacDonald MacKenzie Maher Malik Mann Marsh Marshall Martin Mason Matthews Maxwell McCarthy McDermott
    McGrath McLeod Mead Mercer Middleton Miller Mills Mitchell Moore Moran Morgan Morris Morton Murphy
    Murray Nash Nelson Newman Nguyen Nicholls Nolan Norris Norton O'Brien O'Connor O'Dowd O'Neill O'Sullivan
    Oakley Oliver Osborne Page Palmer Papadopoulos Park Parker Parsons Patel Payne Pearce Perkins Perry Pham
    Phillips Pike Porter Potter Powell Preston Price Quinn Ramsay Reed Rees Reid Reynolds Rhodes Richards
    Riley Roberts Robertson Robinson Rogers Rossi Rowe Russell Ryan Sanders Saunders Schmidt Scott Sharma
    Sharp Shaw Shepherd Silva Simmons Simpson Singh Slater Smith Spencer Stanley Stevens Stewart Stone
    Sullivan Sutton Swan Tan Taylor Thomas Thompson Thornton Tran Tucker Turner Underwood Vance Vaughan Wade
    Walker Wallace Walsh Walters Wang Ward Warren Watkins Watson Watts Webb Webster Weir West Wheeler White
    Wilkins Williams Willis Wilson Winter Wong Wood Wright Wu Yates Young Zhang Zimmermann
""")

BRAND = _words("""
    Acacia Albatross Alpine Amber Anchor Arbour Ashgrove Atlas Aurora Badger Balmoral Banksia Barramundi
    Basalt Bayside Beacon Bellbird Billabong Birchwood Blackbutt Bluegum Boronia Bottlebrush Boulder
    Bowerbird Bridgewater Brolga Bronzewing Burrowa Callistemon Cape Carnaby Cascade Cassowary Cedar Cinder
    Clearwater Cobalt Cockatoo Compass Copper Coral Cormorant Corella Cypress Daintree Darter Dingo
    Driftwood Dunes Eastgate Echidna Elm Ember Emerald Fairwater Falcon Fernhill Figtree Flindersia Foxglove
    Galah Gannet Garnet Gecko Ghostgum Glasshouse Goanna Goldfields Granite Grevillea Hakea Hazel Headland
    Heron Highland Honeyeater Horizon Ibis Indigo Ironbark Ivory Jabiru Jacaranda Jarrah Juniper Karri
    Kestrel Kingfisher Kookaburra Kurrajong Lagoon Lantern Larkspur Lighthouse Limestone Lorikeet Lyrebird
    Magpie Mallee Mangrove Maple Marlin Merino Midnight Mopoke Moonstone Mulga Murrumba Myrtle Northgate
    Numbat Oakdale Obsidian Opal Orchard Osprey Outrigger Paperbark Parrot Pelican Peppercorn Pinecone
    Platypus Possum Quandong Quartz Quokka Rainbird Redgum Ridgeline Riverbend Rosella Saltbush Sandstone
    Sapphire Sassafras Seagrass Shearwater Silver Skylark Snowgum Southern Spinifex Stonefish Stringybark
    Summit Sunrise Swallow Tallowwood Tamarind Tasman Teal Telopea Terrace Thornbill Tidal Timber Topaz
    Treefern Tussock Umber Verdant Wallaby Wandoo Waratah Warbler Wattle Westwind Whitewood Willow Windmill
    Wollemi Wombat Wren Yarra Zephyr
""")

TRADES = tuple(
    word.replace("_", " ")
    for word in _words("""
    Accountants Air_Conditioning Architects Auto_Repairs Bakery Bookkeeping Brewing Builders Cabinetry Cafe
    Carpentry Catering Childcare Civil Cleaning Coffee_Roasters Concreting Conveyancing Couriers Crane_Hire
    Dental Design Drafting Dry_Cleaners Earthmoving Electrical Engineering Events Excavations Fabrication
    Farms Fencing Flooring Florist Freight Furniture Garden_Supplies Glazing Graphics Hairdressing Hardware
    Health Holdings Horticulture Hospitality Imports Insulation Interiors Investments Irrigation Joinery
    Kitchens Landscapes Legal Logistics Machinery Management Marine Marketing Meats Media Medical
    Mining_Services Motors Nursery Optical Packaging Painting Pest_Control Pharmacy Photography
    Physiotherapy Plastering Plumbing Pools Print Produce Properties Psychology Recruitment Refrigeration
    Removals Roofing Scaffolding Seafood Security Signs Software Solar Steel Storage Surveying Tiling Timber
    Tours Training Transport Travel Tyres Veterinary Welding Windows Wines
""")
)

SUFFIX = ("Pty Ltd", "Pty Ltd", "Pty Ltd", "Pty. Ltd.", "Pty Limited", "Ltd", "Group", "Co", "")

STREET = _words("""
    Acacia Albert Bay Beach Bridge Cambridge Church Clarence Collins Creek Derwent Elizabeth Esplanade
    Farrer Fig George Grevillea Harbour High Hill Hume Jetty King Lake Macquarie Main Market Mill Mitchell
    Ocean Oxford Pacific Park Pitt Queen Railway Regent River Rose Station Stirling Sussex Tank Temple
    Victoria Wattle William Wickham York
""")
STREET_KIND = ("Street", "Road", "Avenue", "Lane", "Parade", "St", "Rd")

TOWN = (
    ("Sydney", "NSW", "2000", "02"),
    ("Parramatta", "NSW", "2150", "02"),
    ("Newcastle", "NSW", "2300", "02"),
    ("Wollongong", "NSW", "2500", "02"),
    ("Canberra", "ACT", "2601", "02"),
    ("Melbourne", "VIC", "3000", "03"),
    ("Geelong", "VIC", "3220", "03"),
    ("Ballarat", "VIC", "3350", "03"),
    ("Hobart", "TAS", "7000", "03"),
    ("Brisbane", "QLD", "4000", "07"),
    ("Cairns", "QLD", "4870", "07"),
    ("Toowoomba", "QLD", "4350", "07"),
    ("Adelaide", "SA", "5000", "08"),
    ("Perth", "WA", "6000", "08"),
    ("Fremantle", "WA", "6160", "08"),
    ("Darwin", "NT", "0800", "08"),
)
"""Town, state, post code, area code."""

MOBILE = _words("""
    0491570006 0491570156 0491570157 0491570158 0491570159 0491570110 0491570313 0491570737 0491571266
    0491571491 0491571804 0491572549 0491572665 0491572983 0491573770 0491573087 0491574118 0491574632
    0491575254 0491575789 0491576398 0491576801 0491577426 0491577644 0491578957 0491578148 0491578888
    0491579212 0491579760 0491579455
""")
"""Mobile numbers that the Australian regulator keeps for fiction; landlines use 5550 and 7010 for the same reason."""

ODD = (
    "D'Angelo & Sons Pty Ltd",
    "Smith [/] Co",
    "Te Rūnanga o Waikura",
    "Nguyễn Thị Hương",
    "悉尼茶叶贸易有限公司",
    "شركة النور للتجارة",
    "מאפיית הזית",
    "Sunny Side Café 🍳☀️",
    "Two Lines\nTrading Pty Ltd",
    "\x1b[31mRed Alert\x1b[0m Signs",
    "Łukasz Żółć-O’Hara",
    "1300 Drains",
    "The " + "Very " * 49 + "Longs.",
    "Zoë & Björn Müller",
    "A",
    "<Pending> Client",
    "Null",
    "=SUM(A1:A9) Holdings",
)
"""Names that have broken somebody's program."""
