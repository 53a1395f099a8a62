import Foundation

/// The targets that Package.swift names, read from its text: SwiftPM would have to be run for more.
struct Manifest {
    struct Target {
        let kind: String
        let name: String
        let dependencies: Set<String>
        let isStrict: Bool
    }

    let targets: [Target]

    init(text: String) {
        let form =
            /\s(room|tests|door|\.executableTarget|\.target|\.testTarget|\.systemLibrary)\(\s*(?:name:\s*)?"(\w+)"(?:,\s*(?:dependencies:\s*)?\[([^\]]*)\])?([^()]*)\)/
        targets = text.matches(of: form).map { match in
            let names = (match.3 ?? "").matches(of: /"(\w+)"/).map { String($0.1) }
            let kind = String(match.1)
            return Target(
                kind: kind, name: String(match.2), dependencies: Set(names),
                isStrict: !kind.hasPrefix(".") || match.4.contains("swiftSettings: strict"))
        }
    }

    func dependencies(of name: String) -> Set<String>? {
        targets.first { $0.name == name }?.dependencies
    }
}
