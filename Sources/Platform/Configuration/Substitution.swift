/// Replaces `${NAME}` by an environment variable and `${file:PATH}` by a private file's text.
///
/// `$${` stands for `${`; any other `$` for itself. What was put in is never quoted in a message.
struct Substitution {
    struct Failure: Error, Hashable {
        let message: String
        let advice: String
    }
    let variables: [String: String]
    /// The folder that relative paths are taken from.
    let folder: String
    static let longestSecret = 64 * 1024

    /// - Returns: The text, and whether anything was put in.
    func apply(to text: String) throws(Failure) -> (text: String, isSubstituted: Bool) {
        guard text.contains("${") else { return (text, false) }
        var result = ""
        var isSubstituted = false
        var rest = Substring(text)
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                result += "${"
                rest = rest.dropFirst(3)
            } else if rest.hasPrefix("${") {
                guard let end = rest.firstIndex(of: "}") else {
                    throw Failure(
                        message: "'${' has no '}'", advice: "write '$${' for the sign itself")
                }
                result += try value(
                    of: String(rest[rest.index(rest.startIndex, offsetBy: 2)..<end]))
                isSubstituted = true
                rest = rest[rest.index(after: end)...]
            } else {
                result += "$"
                rest = rest.dropFirst()
            }
        }
        return (result + rest, isSubstituted)
    }

    private func value(of name: String) throws(Failure) -> String {
        if name.hasPrefix("file:") { return try content(of: String(name.dropFirst(5))) }
        let isName =
            !name.isEmpty && name.utf8.first.map { !(48...57).contains($0) } ?? false
            && name.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                    || $0 == UInt8(ascii: "_")
            }
        guard isName else {
            // It may be the secret itself, in the place of its name.
            let isWord = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            throw Failure(
                message: "'${\(isWord ? name : "…")}' names no environment variable",
                advice: "write ${NAME}, or ${file:PATH}")
        }
        guard let value = variables[name] else {
            throw Failure(
                message: "the environment variable \(name) is not set",
                advice: "export \(name)=…, or put the value into a file and write ${file:PATH}")
        }
        guard !value.isEmpty else {
            throw Failure(message: "the environment variable \(name) is empty", advice: "")
        }
        return value
    }

    private func content(of path: String) throws(Failure) -> String {
        let place = path.hasPrefix("/") || folder.isEmpty ? path : folder + "/" + path
        do {
            var bytes = try SmallFile.read(place, limit: Self.longestSecret, isPrivate: true)
            while let last = bytes.last, last == 10 || last == 13 { bytes.removeLast() }
            guard !bytes.isEmpty, let text = String(validating: bytes, as: UTF8.self) else {
                throw Failure(message: "the file \(place) holds no text", advice: "")
            }
            return text
        } catch let failure as SmallFile.Failure {
            throw Failure(message: "the file \(place): \(failure.what)", advice: failure.advice)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(message: "the file \(place) cannot be read", advice: "")
        }
    }
}
