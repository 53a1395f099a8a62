/// The text of others in one line, as a terminal shows it and does not obey it.
///
/// Line ends and tabs become spaces; what would move the cursor, change colours or turn the direction
/// of writing is written out, as `\u{1B}`.
package func oneLine(_ text: String) -> String { shown(text, keepsLines: false) }

/// As ``oneLine(_:)``, with the line ends kept: for text of ours that quotes others.
package func printable(_ text: String) -> String { shown(text, keepsLines: true) }

private func shown(_ text: String, keepsLines: Bool) -> String {
    guard text.unicodeScalars.contains(where: { isObeyed($0) }) else { return text }
    var shown = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\n" where keepsLines: shown.unicodeScalars.append(scalar)
        case "\n", "\r", "\t": shown.append(" ")
        case _ where isObeyed(scalar):
            shown += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        default: shown.unicodeScalars.append(scalar)
        }
    }
    return shown
}

/// Controls of C0 and C1, ends of lines and paragraphs, and what reverses the direction of text.
private func isObeyed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1F, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
}
