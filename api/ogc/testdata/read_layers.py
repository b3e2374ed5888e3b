"""Reads collections with QGIS, without a screen, and tells what it read as JSON.

Arguments: the address of the service, then west, south, east and north of a box.
"""

import json
import sys

from qgis.core import QgsApplication, QgsFeatureRequest, QgsRectangle, QgsVectorLayer

application = QgsApplication([], False)
application.initQgis()
base, box = sys.argv[1], QgsRectangle(*map(float, sys.argv[2:6]))
told = {}
for name in ("waiting", "waiting-district", "communities"):
    layer = QgsVectorLayer(f"url='{base}' typename='{name}'", name, "OAPIF")
    if not layer.isValid():
        sys.exit(f"{name} is no layer: {layer.dataProvider().error().message()}")
    rows, sums = 0, {}
    for feature in layer.getFeatures():
        rows += 1
        for field in layer.fields():
            value = feature[field.name()]
            if isinstance(value, (int, float)):
                sums[field.name()] = sums.get(field.name(), 0) + value
    told[name] = {
        "count": layer.featureCount(),
        "rows": rows,
        "inside": sum(1 for _ in layer.getFeatures(QgsFeatureRequest(box))),
        "types": {field.name(): field.typeName() for field in layer.fields()},
        "sums": sums,
    }
print(json.dumps(told))
