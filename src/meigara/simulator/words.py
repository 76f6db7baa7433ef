"""Of which words are the invented names made? Each word is (Japanese, English)."""

from typing import Final

Word = tuple[str, str]


def _words(text: str) -> tuple[Word, ...]:
    """Read "日本語=English 日本語=English"; an underscore in the English is a space."""
    pairs = (item.split("=") for item in text.split())
    return tuple((japanese, english.replace("_", " ")) for japanese, english in pairs)


# Joined in pairs they give place-like family names that nobody bears, or nearly so.
KANJI_HEADS: Final = _words(
    "葛=Kuzu 瑞=Mizu 暁=Aka 楓=Kaede 樫=Kashi 榛=Hashi 椋=Muku 霧=Kiri 鷺=Sagi 鴇=Toki 雁=Kari"
    " 蓮=Hasu 槙=Maki 柊=Hiragi 椿=Tsuba 楡=Nire 漣=Ren 澪=Mio 渚=Nagi 汐=Shio 凪=Nagi"
    " 雫=Shizu 霞=Kasu 朧=Oboro 宵=Yoi 茜=Akane 翠=Midori 砧=Kinu 硯=Suzu 粟=Awa 葦=Ashi"
    " 萱=Kaya 蓬=Yomo 蔦=Tsuta 蕗=Fuki 橡=Toma 檜=Hino 椎=Shii 鵜=U 鶉=Uzu 鷲=Washi 隼=Haya"
    " 虹=Niji 雲=Kumo 露=Tsuyu 苔=Koke 巌=Iwa 渓=Kei 滝=Taki 沓=Kutsu"
)
KANJI_TAILS: Final = _words(
    "ヶ原=gahara 嶺=mine 瀬戸=seto 之浦=noura 津森=tsumori 代木=shiroki 塚谷=zukaya 波江=namie"
    " 見坂=mizaka 里山=satoyama 潟=gata 守=mori 之郷=nogo 倉井=kurai 名瀬=nase 羽根=hane"
    " 戸川=togawa 音羽=otowa 加瀬=kase 渡瀬=watase 之宮=nomiya 咲=saki 野辺=nobe 舞=mai"
)
KANA_HEADS: Final = _words(
    "ルミ=Lumi ヴェル=Vel トリ=Tri ノルカ=Norka サヴィ=Savi キレ=Kire ミオ=Mio オルテ=Orte"
    " ゼフィ=Zephi カルナ=Karna リベ=Libe フェン=Fen ソラ=Sora テラミ=Terami エヴォ=Evo アルヴ=Alv"
    " ネクサ=Nexa プリズ=Priz モルフ=Morph クオル=Quor シグレ=Shigure ハルカ=Haruka イズモ=Izumo"
    " ツバメ=Tsubame ヒビキ=Hibiki コダマ=Kodama カスミ=Kasumi アカネ=Akane ヒバリ=Hibari"
    " ホタル=Hotaru ミヤビ=Miyabi ユラギ=Yuragi バリオ=Bario デルフ=Delph ガレア=Galea ロンド=Rondo"
    " ペルラ=Perla ジオラ=Giora"
)
KANA_TAILS: Final = _words(
    "ノヴァ=nova リス=lis テラ=tera ミア=mia ント=nt ドーレ=dore クシア=xia バルト=balt"
    " ロッサ=rossa フィナ=fina メイト=mate リオン=rion ジェム=gem ナーレ=nare スティア=stia"
    " ワード=ward ビア=via ゴーラ=gora ディス=dis マール=mar レーヴ=reve トーン=tone ヴィーダ=vida"
    " コルド=cord"
)
COMPANY_SUFFIXES: Final = _words(
    "ホールディングス=Holdings グループ=Group コーポレーション=Corporation ジャパン=Japan"
    " インターナショナル=International パートナーズ=Partners ラボ=Lab ワークス=Works"
)
ENGLISH_FORMS: Final = (
    *("Co.,Ltd.", "CO.,LTD.", "Co., Ltd.", "Inc.", "CORPORATION", "Corporation"),
    *("K.K.", ",Inc.", "Company, Limited"),
)

# What a company of the sector calls itself.
SECTOR_WORDS: Final = {
    "0050": _words("水産=Suisan 農産=Farms 種苗=Seed"),
    "1050": _words("鉱業=Mining 資源開発=Resources_Development"),
    "2050": _words("建設=Construction 工務店=Komuten 組=Gumi 土木=Civil_Engineering 設備=Setsubi"),
    "3050": _words("食品=Foods 製菓=Confectionery 製粉=Flour_Milling 醸造=Brewing 乳業=Dairy"),
    "3100": _words("紡績=Spinning 繊維=Textile 織物=Orimono アパレル=Apparel"),
    "3150": _words("製紙=Paper 紙業=Shigyo パッケージ=Package"),
    "3200": _words("化学=Chemical 化成=Kasei 合成=Gosei 塗料=Paint ケミカル=Chemicals"),
    "3250": _words("製薬=Pharmaceutical 薬品=Yakuhin ファーマ=Pharma バイオ=Bio"),
    "3300": _words("石油=Oil オイル=Oil"),
    "3350": _words("ゴム=Rubber 護謨=Gomu"),
    "3400": _words("硝子=Glass 窯業=Ceramics セメント=Cement 碍子=Insulators"),
    "3450": _words("製鋼=Steel 製鉄=Seitetsu 特殊鋼=Special_Steel"),
    "3500": _words("金属=Metals 電線=Electric_Wire アルミ=Aluminium"),
    "3550": _words("金属工業=Metal_Industries 鋲螺=Fasteners 製缶=Can 発條=Spring"),
    "3600": _words("機械=Machinery 製作所=Seisakusho 精機=Seiki 鉄工所=Iron_Works 工機=Koki"),
    "3650": _words("電機=Electric 電子=Electronics 電装=Denso_Parts デバイス=Devices 計器=Keiki"),
    "3700": _words("車輌=Sharyo 自動車部品=Auto_Parts モーター=Motor 造船=Shipbuilding"),
    "3750": _words("光学=Optical 精密=Precision 計測=Instruments 時計=Watch"),
    "3800": _words(
        "印刷=Printing 楽器=Musical_Instruments 玩具=Toys 文具=Stationery 家具=Furniture"
    ),
    "4050": _words("電力=Electric_Power ガス=Gas エナジー=Energy"),
    "5050": _words("運輸=Transport 電気鉄道=Electric_Railway 急送=Express バス=Bus"),
    "5100": _words("海運=Shipping 汽船=Kisen"),
    "5150": _words("航空=Airlines エアラインズ=Airways"),
    "5200": _words("倉庫=Warehouse 物流=Logistics 港運=Harbor_Transport"),
    "5250": _words(
        "システムズ=Systems ソフト=Soft テクノロジーズ=Technologies ネット=Net データ=Data"
        " 情報=Information_Services クラウド=Cloud ゲームス=Games 放送=Broadcasting 通信=Telecom"
    ),
    "6050": _words("商事=Shoji 物産=Bussan 興業=Kogyo 通商=Tsusho 薬品商事=Medical_Trading"),
    "6100": _words("百貨店=Department_Store ストア=Stores ドラッグ=Drug フーズ=Foods マート=Mart"),
    "7050": _words("銀行=Bank フィナンシャルグループ=Financial_Group"),
    "7100": _words("証券=Securities キャピタル=Capital"),
    "7150": _words("生命=Life_Insurance 損害保険=Insurance"),
    "7200": _words("リース=Lease クレジット=Credit ファイナンス=Finance"),
    "8050": _words("不動産=Real_Estate 地所=Jisho エステート=Estate ホームズ=Homes"),
    "9050": _words(
        "サービス=Service スタッフ=Staff エージェント=Agent コンサルティング=Consulting"
        " 教育=Education ケア=Care マーケティング=Marketing アカデミー=Academy ツーリスト=Tourist"
        " 警備=Security"
    ),
}

FUND_INDEXES: Final = _words(
    "国内株式２２５指数=Domestic_Equity_225 国内大型株１００=Domestic_Large_100"
    " 米国株式５００=US_Equity_500 米国成長株１００=US_Growth_100 全世界株式=Global_Equity"
    " 先進国株式（除く日本）=Developed_Markets_ex_Japan 新興国株式=Emerging_Markets"
    " 国内債券総合=Domestic_Bond_Aggregate 米国国債７−１０年=US_Treasury_7-10_Year"
    " 国内高配当株５０=Domestic_High_Dividend_50 国内小型株=Domestic_Small_Cap 金価格=Gold_Price"
    " 原油先物=Crude_Oil_Futures 国内リート=Domestic_REIT 半導体関連株=Semiconductor_Equity"
    " 銀行業=Banks 電気機器=Electric_Appliances インド株式=India_Equity"
    " ＥＳＧリーダーズ=ESG_Leaders"
)
FUND_TRAITS: Final = _words(
    "（為替ヘッジあり）=(Hedged) （為替ヘッジなし）=(Unhedged) レバレッジ（２倍）=Leveraged_2x"
    " インバース（−１倍）=Inverse_-1x ダブルインバース（−２倍）=Double_Inverse_-2x"
    " （隔月分配型）=(Bimonthly_Distribution)"
)
FUND_KINDS: Final = _words("上場投信=ETF 連動型上場投信=Index-Linked_ETF ＥＴＮ=ETN")
FUND_MANAGERS: Final = (
    ("暁音羽アセットマネジメント株式会社", "ＡＫＡＯＴＯＷＡ　ＦＵＮＤＳ", "AKAOTOWA FUNDS"),
    ("楓潟アセットマネジメント株式会社", "ＫａｅｄｅＥＴＦ", "KaedeETF"),
    ("ルミノヴァ投信株式会社", "上場インデックスファンド", "Listed Index Fund"),
    ("瑞嶺アセットマネジメント株式会社", "ＭＩＺＵＭＩＮＥ", "MIZUMINE"),
    ("ゼフィリオン・アセット・ジャパン株式会社", "Ｚ−シェアーズ", "Z-Shares"),
    ("柊見坂投信株式会社", "ＯＮＥ　ＳＴＥＰ", "ONE STEP"),
)
TRUST_KINDS: Final = _words(
    "リート=REIT レジデンシャル=Residential オフィス=Office ロジスティクス=Logistics ホテル=Hotel"
    " インフラ=Infrastructure 都市=Urban"
)
