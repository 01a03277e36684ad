"""Records of HMRC's interface, all INVENTED."""

from __future__ import annotations

from typing import Any


def a_record(**fields: Any) -> dict[str, Any]:
    """One INVENTED record: imports of 85051110 from China in January 2025."""
    return {
        "MonthId": 202501,
        "FlowTypeId": 3,
        "SuppressionIndex": 0,
        "CommodityId": 85051110,
        "CommoditySitcId": 77811,
        "CountryId": 720,
        "PortId": 120,
        "Value": 1000.0,
        "NetMass": 10.0,
        "SuppUnit": None,
        "Country": {"CountryId": 720, "CountryCodeAlpha": "CN", "CountryName": "China"},
    } | fields
