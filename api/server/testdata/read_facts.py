"""Reads incidents and inspections with QGIS, without a screen, as somebody who has a key,
and tells what it read as JSON.

Arguments: the address of the service and the key.
"""

import json
import sys

from qgis.core import NULL, QgsApplication, QgsFeatureRequest, QgsRectangle, QgsVectorLayer

application = QgsApplication([], False)
application.initQgis()
base, key = sys.argv[1:3]


def plain(value):
    """Returns a value of QGIS as one of JSON, times in UTC."""
    if value is None or value == NULL:
        return None
    if hasattr(value, "toUTC"):
        return value.toUTC().toString("yyyy-MM-ddTHH:mm:ss.zzz") + "Z"
    return value


def opened(name, credentials):
    return QgsVectorLayer(f"url='{base}' typename='{name}' {credentials}", name, "OAPIF")


def counted(layer, condition):
    """Returns how many features meet a condition, read one by one."""
    if not layer.setSubsetString(condition):
        sys.exit(f"QGIS does not take {condition}")
    rows = sum(1 for _ in layer.getFeatures())
    layer.setSubsetString("")
    return rows


told = {"anonymous": opened("incidents", "").isValid()}
box = QgsRectangle(113.93, 22.5, 113.94, 22.51)
for name, attribute, instant in (
    ("incidents", "category = 'light'", "reported_at >= '2025-03-20T00:00:00Z'"),
    ("inspections", "result = 'fail'", "inspected_at >= '2025-03-20T00:00:00Z'"),
):
    layer = opened(name, f"username='key' password='{key}'")
    if not layer.isValid():
        sys.exit(f"{name} is no layer: {layer.dataProvider().error().message()}")
    told[name] = {
        "count": layer.featureCount(),
        "rows": [
            {field.name(): plain(feature[field.name()]) for field in layer.fields()} | {"at": feature.geometry().asWkt(7)}
            for feature in layer.getFeatures()
        ],
        "types": {field.name(): field.typeName() for field in layer.fields()},
        "inside": sum(1 for _ in layer.getFeatures(QgsFeatureRequest(box))),
        "alike": counted(layer, attribute),
        "later": counted(layer, instant),
    }
print(json.dumps(told))
