"""lienthong (liên thông, interconnection): the axis that carries a country's official documents."""

__version__ = "0.1.0"
