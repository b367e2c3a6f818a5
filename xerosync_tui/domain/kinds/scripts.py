"""What names in scripts other than Latin say by themselves: the model has not learned these.

Only signs that nobody bears in a name: words for a company, a bank, a school, and legal forms. A short Chinese name
that begins with one of the common surnames is likely a person's; it stays a guess.
"""

from __future__ import annotations

import re

_WORDS_OF_FIRMS = """
    公司 集团 集團 有限 会社 會社 银行 銀行 大学 大學 学校 學校 学院 學院 医院 醫院 病院 工厂 工廠 商店
    协会 協会 協會 酒店 饭店 餐厅 餐廳 事务所 事務所 中心 合作社 委员会 委員會 基金 주식회사 유한회사 (주) 은행 대학교
"""
_SIGNS = tuple(_WORDS_OF_FIRMS.split())
_LEGAL_WORDS = frozenset({"ооо", "оао", "зао", "пао", "тов", "прат", "еоод", "شركة", "مؤسسة", 'בע"מ', "בע״מ", "ע״ר"})
_ENDS = "厂廠店行会會院校局社部所堂馆館"  # of firms, and now and then of a given name
# About a hundred of the commonest surnames in China, in short and, where they differ, in long characters.
_SURNAMES = frozenset(
    "王李张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮于董萧蕭程曹袁邓鄧许許傅沈曾彭吕呂苏蘇卢盧蒋蔣蔡贾賈丁魏薛叶葉阎閻余潘杜戴夏"
    "钟鍾汪田任姜范方石姚谭譚廖邹鄒熊金陆陸郝孔白崔康毛邱秦江史顾顧侯邵孟龙龍万萬段雷钱錢汤湯尹黎易常武乔喬贺賀赖賴龚龔文"
)
_HAN_NAME = re.compile("[\u4e00-\u9fff]{2,4}")


def firm_sign(name: str) -> str:
    """The sign in ``name`` that only an organization has; "" where there is none."""
    for sign in _SIGNS:
        if sign in name:
            return sign
    return next((word for word in name.split() if word.casefold().strip("«»") in _LEGAL_WORDS), "")


def chinese_person(name: str) -> bool:
    """Whether ``name`` is two to four Chinese characters, a common surname first, and does not end as a firm's does."""
    return bool(_HAN_NAME.fullmatch(name)) and name[0] in _SURNAMES and name[-1] not in _ENDS
