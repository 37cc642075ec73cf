"""The twenty products of the sample table: a shop for people who like to be outdoors.

`files/` has their pictures, and the catalogue that shows them all on two pages; change them together.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    """One product. `price` is in US dollars with two decimals."""

    product_id: str
    name: str
    category: str
    price: str
    stock: int
    description: str

    @property
    def picture_key(self) -> str:
        """Where its picture lies in the public bucket, such as `pictures/P-1001.svg`."""
        return f"pictures/{self.product_id}.svg"


_ROWS = """
P-1001|Ridgeline 28 Backpack|Packs|89.00|42|Day pack with a ventilated back and a rain cover in the lid.
P-1002|Ridgeline 45 Backpack|Packs|139.00|17|For two nights out: side access, hip pockets, 1.2 kg.
P-1003|Fern 12 Bike Pack|Packs|64.50|33|Narrow, quiet, and made so that a pump fits beside the bottle.
P-1004|Tarn Two-Person Tent|Shelter|249.00|9|Stands on its own, pitches in four minutes, weighs 1.9 kg.
P-1005|Heron Tarp 3x3|Shelter|78.00|26|Eight loops, one ridge line, room for four and a pot.
P-1006|Moss Sleeping Bag|Sleep|119.00|21|Comfortable down to 2 degrees, recycled filling.
P-1007|Cloud Sleeping Mat|Sleep|69.90|58|Seven centimetres high, packs as small as a bottle.
P-1008|Ember Gas Stove|Kitchen|44.95|64|Boils half a litre in under three minutes, even in wind.
P-1009|Ember Pot Set|Kitchen|39.00|37|One litre and a half litre, one lid for both.
P-1010|Brook Water Filter|Kitchen|52.00|45|A thousand litres of clear water from any stream.
P-1011|Larch Enamel Mug|Kitchen|12.50|120|Keeps its chips with pride; 350 ml.
P-1012|Beacon Head Torch|Light|36.00|73|400 lumens forwards, a red light for the others in the tent.
P-1013|Glow Camp Lantern|Light|29.90|51|Warm light for 40 hours, hangs on anything.
P-1014|Compass Classic|Finding the way|24.00|88|Liquid-filled, with a ruler that matches the map.
P-1015|Contour Map Case|Finding the way|15.90|95|Waterproof, flexible in frost, readable on both sides.
P-1016|Swift Rain Jacket|Clothing|129.00|30|Three layers, hood for a helmet, 310 g.
P-1017|Meadow Merino Shirt|Clothing|59.00|66|For three days in a row, and nobody will notice.
P-1018|Granite Gloves|Clothing|27.50|80|Warm, and the phone still answers.
P-1019|Otter Dry Bag 20|Packs|22.00|104|Rolls shut three times, floats with everything inside.
P-1020|First Steps Aid Kit|Safety|18.90|140|42 parts in the order in which they are needed.
"""

PRODUCTS: tuple[Product, ...] = tuple(
    Product(product_id, name, category, price, int(stock), description)
    for product_id, name, category, price, stock, description in (
        line.split("|") for line in _ROWS.strip().splitlines()
    )
)
