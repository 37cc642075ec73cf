"""Pictures of the products: SVG drawn by code, one plain motif for each category."""

from html import escape

from sandbox.seed.products import Product

_MOTIFS = {
    "Packs": '<rect x="120" y="70" width="160" height="170" rx="36"/><rect x="145" y="150" width="110" height="70" '
    'rx="14" fill="#ffffff" fill-opacity=".22"/><path d="M165 70c0-50 70-50 70 0" fill="none" stroke-width="14"/>',
    "Shelter": '<path d="M60 240L200 70L340 240Z"/><path d="M200 70L170 240H230Z" fill="#ffffff" fill-opacity=".25"/>',
    "Sleep": '<rect x="70" y="130" width="260" height="90" rx="45"/><circle cx="115" cy="175" r="26" fill="#ffffff" '
    'fill-opacity=".25"/>',
    "Kitchen": '<path d="M120 110h140v90a40 40 0 0 1-40 40h-60a40 40 0 0 1-40-40z"/><path d="M260 130h24a30 30 0 0 1 0 '
    '60h-24" fill="none" stroke-width="14"/>',
    "Light": '<circle cx="200" cy="150" r="62"/><path d="M200 40v30M200 230v30M90 150h30M280 150h30M122 72l21 21M257 '
    '207l21 21M278 72l-21 21M143 207l-21 21" fill="none" stroke-width="12" stroke-linecap="round"/>',
    "Finding the way": '<circle cx="200" cy="155" r="90"/><path d="M200 85L222 155H178Z" fill="#ffffff"/>'
    '<path d="M200 225L178 155H222Z" fill="#ffffff" fill-opacity=".35"/>',
    "Clothing": '<path d="M150 70l50 24 50-24 70 46-30 46-26-16v96H136v-96l-26 16-30-46z"/>',
    "Safety": '<rect x="110" y="80" width="180" height="150" rx="22"/><path d="M185 110h30v30h30v30h-30v30h-30v-30h-30'
    'v-30h30z" fill="#ffffff"/>',
}


def picture(product: Product) -> bytes:
    """An SVG of 400 by 300 pixels."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300" width="400" height="300" role="img" '
        f'aria-label="{escape(product.name)}"><rect width="400" height="300" fill="#{product.colour}" '
        f'fill-opacity=".12"/><g fill="#{product.colour}" stroke="#{product.colour}" stroke-width="0">'
        f'{_MOTIFS[product.category]}</g><text x="200" y="284" text-anchor="middle" '
        f'font-family="system-ui, sans-serif" font-size="18" fill="#333333">{escape(product.name)}</text></svg>\n'
    ).encode()


def picture_key(product: Product) -> str:
    """Where the picture lies in the public bucket, such as `pictures/P-1001.svg`."""
    return f"pictures/{product.product_id}.svg"
