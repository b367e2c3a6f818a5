"""Short forms of English first names, folded, with the name that each stands for. For suggestions only."""

from __future__ import annotations

_SHORT = """
    abigail: abby abbie gail | adam: ad | alan: al allan allen | albert: al bert bertie | alexander: alex alec al xander
    alexandra: alex lexie sandra sasha | alfred: alf alfie fred | alice: ali | amanda: mandy | andrew: andy drew
    angela: ange angie | anna: ann anne annie | anthony: tony ant | archibald: archie | arthur: art artie
    barbara: barb barbie babs | barry: baz bazza | beatrice: bea trixie | benjamin: ben benny benji
    bernadette: bernie | bernard: bernie | beverley: bev | bradley: brad | brendan: bren | bronwyn: bron
    cameron: cam | caroline: carrie caz | catherine: cath cathy kate katie cate kath kathy katherine kathryn
    charles: charlie chuck chas | charlotte: charlie lottie | christine: chris chrissy christina tina
    christopher: chris kit topher | clifford: cliff | clive: cliv | colin: col | constance: connie | craig: craigo
    cynthia: cindy | daniel: dan danny | darren: daz dazza | david: dave davey davo | deborah: deb debbie debra
    dennis: den denny | diana: di diane | dominic: dom | donald: don donny | dorothy: dot dottie dolly
    douglas: doug | duncan: dunc | edith: edie | edward: ed eddie ted teddy ned | edwin: ed eddie
    eleanor: ellie nell nora lena | elizabeth: liz lizzie beth betty eliza libby lisa bess | emily: em emmy
    eugene: gene | fiona: fi | florence: flo florrie | frances: fran francie | francis: frank fran
    frederick: fred freddie freddy | gabriel: gabe | gabrielle: gabby | geoffrey: geoff jeff jeffrey
    gerald: gerry jerry | georgia: george | graham: gray | gregory: greg | gwendolyn: gwen | hannah: hanna
    harold: harry hal
    harriet: hattie harry | heather: heath | helen: nell nellie | henry: harry hank hal | herbert: herb bert
    hugh: hughie | imogen: immy | isaac: ike zac | isabel: bel bella izzy isabella isobel | jacob: jake
    jacqueline: jackie jacqui | james: jim jimmy jamie jem | janet: jan | jane: janey | jasmine: jas jaz
    jason: jase | jeremy: jem jerry | jennifer: jen jenny | jessica: jess jessie | john: jack johnny jon
    jonathan: jon jono jonty | joseph: joe joey | joshua: josh | joyce: joy | judith: judy jude | julia: jules julie
    justin: just | kenneth: ken kenny | kevin: kev | kimberley: kim | lachlan: lachie locky | laura: laurie
    lawrence: larry laurie | leonard: len lenny leo | leslie: les | lewis: lew lou louis | lillian: lily lil
    linda: lindy lyn | louise: lou | lucas: luke | lucy: luce | lydia: lyd | madeleine: maddie maddy | malcolm: mal
    marcus: mark marc | margaret: maggie meg peggy marg margie greta peg rita | martin: marty | mary: molly polly mae
    matilda: tilly tilda | matthew: matt matty | maureen: mo reen | maxwell: max | megan: meg | melissa: mel lissa
    melanie: mel | michael: mike mick micky mikey | michelle: shell shelly | miranda: mandy mira | mitchell: mitch
    monica: mon | naomi: nomi | natalie: nat nattie | nathan: nate nat | nathaniel: nat nate | neil: neill neal
    nicholas: nick nicky nico | nicole: nic nicky nikki | oliver: ollie olly | olivia: liv livvy | oscar: ozzie
    pamela: pam | patricia: pat patty tricia trish | patrick: pat paddy | penelope: penny pen | peter: pete
    philip: phil phillip | priscilla: cilla | rachel: rach rachael | raymond: ray | rebecca: bec becky becca
    reginald: reg reggie | richard: rick dick rich ricky richie | robert: bob rob bobby robbie bert | robin: rob
    roger: rodge | ronald: ron ronnie | rosemary: rose rosie romy | russell: russ rusty | ruth: ruthie | ryan: ry
    samantha: sam sammy | samuel: sam sammy | sandra: sandy | sarah: sal sally sadie sara | sharon: shaz shazza
    shirley: shirl | simon: si | sophie: soph sophia | stanley: stan | stephanie: steph stevie
    stephen: steve stevie steven | stuart: stu stewart | susan: sue suzie susie suzanne | sylvia: syl
    tanya: tan | teresa: terry tess theresa | terence: terry tel | theodore: theo ted teddy | thomas: tom tommy
    timothy: tim timmy | tobias: toby | tracey: trace tracy | trevor: trev | valerie: val | vanessa: nessa ness
    veronica: ronnie vron | victor: vic | victoria: vicky vic tori | vincent: vin vince vinnie | violet: vi
    virginia: ginny ginger | walter: walt wally | wayne: wazza | wendy: wend | wesley: wes
    william: bill billy will willy liam | winifred: winnie win fred | xavier: xav | yvonne: vonnie | zachary: zac zach
"""


def _by_short_form() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for entry in _SHORT.replace("\n", "|").split("|"):
        full, _, short = entry.partition(":")
        for word in short.split():
            found.setdefault(word, set()).add(full.strip())
    return {short: frozenset(full) for short, full in found.items()}


_FULL = _by_short_form()
_NONE: frozenset[str] = frozenset()


def full_names(word: str) -> frozenset[str]:
    """The first names that a folded word is a short form of: of ``bob``, ``robert``."""
    return _FULL.get(word, _NONE)


def same_first_name(one: str, other: str) -> bool:
    """Whether two folded words that differ may be the same first name: ``bob`` and ``robert``, ``bob`` and ``rob``."""
    mine, theirs = full_names(one), full_names(other)
    return other in mine or one in theirs or not mine.isdisjoint(theirs)
