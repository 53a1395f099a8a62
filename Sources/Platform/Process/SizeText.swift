/// Bytes as people read them, three digits of them: `512 B`, `2 GiB`, `2.3 GiB`, `977 KiB`.
package func sizeText(_ bytes: Int64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"]
    var unit = 0
    var scale: Int64 = 1
    while unit < units.count - 1, bytes / scale >= 1_000 {
        scale *= 1_024
        unit += 1
    }
    let tenths = (Int128(bytes) * 10 + Int128(scale) / 2) / Int128(scale)
    guard tenths < 1_000, tenths % 10 != 0 else { return "\((tenths + 5) / 10) \(units[unit])" }
    return "\(tenths / 10).\(tenths % 10) \(units[unit])"
}

/// `12,345`
func grouped(_ number: Int64) -> String {
    let digits = Array(String(number.magnitude))
    var text = number < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
        if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
        text.append(digit)
    }
    return text
}
