import Platform

/// The C libraries as loaded, against the oldest that are known to be good.
struct LibraryCheck: DoctorCheck {
    let name = "libraries"
    let code = ExitCode.refused

    func run(_ environment: DoctorEnvironment) async -> [Finding] {
        let libraries = environment.libraries()
        let old = libraries.filter { !VersionOrder.isAtLeast($0.version, $0.least) }
        let good = libraries.filter { !old.contains($0) }
        var findings: [Finding] = []
        if !good.isEmpty {
            findings.append(
                .good(good.map { "\($0.name) \($0.version)" }.joined(separator: ", ")))
        }
        for library in old {
            findings.append(
                .warning(
                    "\(library.name) \(library.version) is older than \(library.least), the oldest that is tested",
                    next: "upgrade the package \(library.package)"))
        }
        return findings
    }
}

/// Versions of numbers and dots; whatever else stands in them counts as an end.
enum VersionOrder {
    static func isAtLeast(_ version: String, _ least: String) -> Bool {
        let (have, want) = (numbers(version), numbers(least))
        for index in want.indices {
            let number = index < have.count ? have[index] : 0
            if number != want[index] { return number > want[index] }
        }
        return !have.isEmpty
    }

    private static func numbers(_ text: String) -> [Int] {
        var found: [Int] = []
        for part in text.split(separator: ".", omittingEmptySubsequences: false) {
            let digits = part.prefix { $0.isASCII && $0.isNumber }
            guard let number = Int(digits) else { break }
            found.append(number)
            if digits.count < part.count { break }
        }
        return found
    }
}
