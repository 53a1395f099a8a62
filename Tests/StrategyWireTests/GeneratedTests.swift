import Foundation
import Testing

/// The checked-in Swift is what the plugin makes of the schemas now.
@Suite struct GeneratedTests {
    @Test func isWhatTheGeneratorMakes() throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "madang-generated-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try Tool.run("Tools/generate", ["--into", folder.path])
        for place in ["Sources/StrategyWire/Generated", "Tests/StrategyWireTests/Generated"] {
            let made = try files(below: folder.appending(path: place), ending: ".pb.swift")
            let present = try files(below: Tool.root.appending(path: place), ending: "")
            #expect(present.map(\.name) == made.map(\.name), "\(place): run Tools/generate")
            for (ours, fresh) in zip(present, made) where ours.name == fresh.name {
                #expect(
                    ours.text == fresh.text, "\(place)/\(ours.name) is stale: run Tools/generate")
            }
        }
    }

    @Test func everySchemaHasItsFile() throws {
        let protos = try #require(
            FileManager.default.enumerator(
                at: Tool.root.appending(path: "Protos"), includingPropertiesForKeys: nil))
        let schemas = protos.compactMap { ($0 as? URL)?.lastPathComponent }
            .filter { $0.hasSuffix(".proto") }
            .map { $0.replacing(".proto", with: ".pb.swift") }.sorted()
        let folder = Tool.root.appending(path: "Sources/StrategyWire/Generated")
        #expect(try files(below: folder, ending: "").map(\.name) == schemas)
        #expect(schemas.count >= 6)
    }

    private func files(
        below folder: URL, ending: String
    ) throws -> [(name: String, text: String)] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            .filter { $0.hasSuffix(ending) }
            .map { ($0, try String(contentsOf: folder.appending(path: $0), encoding: .utf8)) }
    }
}
