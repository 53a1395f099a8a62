import FoundationEssentials

/// A list of words as a JSON array, as it stands in a text column.
enum JSONWords {
    static func encode(_ words: [String]) -> String {
        var text = "["
        for (index, word) in words.enumerated() {
            text += index == 0 ? "\"" : ",\""
            for scalar in word.unicodeScalars {
                switch scalar {
                case "\"": text += "\\\""
                case "\\": text += "\\\\"
                case _ where scalar.value < 0x20: text += escaped(scalar.value)
                default: text.unicodeScalars.append(scalar)
                }
            }
            text += "\""
        }
        return text + "]"
    }

    /// - Returns: `nil` for anything but an array of strings.
    static func decode(_ text: String) -> [String]? {
        if text == "[]" { return [] }
        return try? JSONDecoder().decode([String].self, from: Data(text.utf8))
    }

    private static func escaped(_ code: UInt32) -> String {
        let digits = String(code, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
    }
}
