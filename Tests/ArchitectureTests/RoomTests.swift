import Testing

/// Imports, Package.swift and the table of docs/ARCHITECTURE.md say the same.
@Suite struct RoomTests {
    /// What comes with the compiler; the kernel's rooms have `Swift` alone.
    static let toolchain: Set<String> = [
        "Swift", "Foundation", "FoundationEssentials", "Glibc", "Dispatch", "Synchronization",
    ]
    /// Values only: same inputs, same outputs, on every machine.
    static let pure: Set<String> = [
        "TradingModel", "Indicators", "Strategies", "Rules", "Kernel", "PaperExchange",
        "Orders",
    ]

    let table: RoomTable
    let manifest: Manifest

    init() throws {
        table = try RoomTable(markdown: Tree.text("docs/ARCHITECTURE.md"))
        manifest = Manifest(text: try Tree.text("Package.swift"))
    }

    @Test func everyRoomAndDoorIsInTheTableAndOnlyThose() {
        #expect(Tree.rooms.count >= 12)
        #expect(table.imports.keys.sorted() == Tree.rooms)
        #expect(table.doors.keys.sorted() == Tree.doors)
    }

    @Test(arguments: Tree.rooms)
    func importsWhatTheTableAllows(_ room: String) {
        let toolchain = Self.pure.contains(room) ? ["Swift"] : Self.toolchain
        for file in Tree.sources where file.room == room {
            for (module, line) in file.code.imports where !toolchain.contains(module) {
                #expect(
                    table.mayImport(module, from: room),
                    "\(file.path):\(line): \(room) may not import \(module)")
            }
        }
    }

    @Test(arguments: Tree.rooms)
    func packageNamesWhatTheRoomImportsAndNoMore(_ room: String) throws {
        let dependencies = manifest.dependencies(of: room)
        let named = try #require(dependencies, "\(room) is not in Package.swift")
        for module in named.sorted() {
            #expect(
                table.mayImport(module, from: room),
                "Package.swift: \(room) may not depend on \(module)")
        }
        let imported = Set(
            Tree.sources.filter { $0.room == room }
                .flatMap { $0.code.imports.map(\.module) })
        #expect(imported.subtracting(Self.toolchain).subtracting(named) == [])
        #expect(named.subtracting(imported) == [], "Package.swift: \(room) does not import these")
    }

    @Test(arguments: Tree.doors)
    func doorHoldsNoSwiftAndOpensToOneRoom(_ door: String) throws {
        #expect(throws: Never.self) { try Tree.text("Sources/\(door)/module.modulemap") }
        let opensTo = try #require(table.doors[door])
        #expect(table.mayImport(door, from: opensTo), "\(opensTo)'s row does not name \(door)")
        let importers = Set(
            Tree.sources.filter { $0.code.imports.contains { $0.module == door } }
                .map(\.room))
        #expect(importers == [opensTo])
        #expect(manifest.targets.contains { $0.kind == "door" && $0.name == door })
    }

    @Test func everySwiftTargetIsStrict() throws {
        let text = try Tree.text("Package.swift")
        for word in ["InternalImportsByDefault", "ExistentialAny", "treatAllWarnings(as: .error)"] {
            #expect(text.contains(word))
        }
        #expect(text.contains("swiftLanguageModes: [.v6]"))
        #expect(manifest.targets.filter { !$0.isStrict }.map(\.name) == [])
        let named = Set(manifest.targets.map(\.name))
        #expect((Tree.rooms + Tree.doors).filter { !named.contains($0) } == [])
    }

    @Test func tableIsReadAsWritten() throws {
        let table = try RoomTable(
            markdown: """
                | room | inside | may import |
                | --- | --- | --- |
                | `A` | values, `B`'s too | nothing of ours |
                | `B` | more | *base*, `CX` |
                | `C` | all | every room |

                | door | library | opens to |
                | --- | --- | --- |
                | `CX` | libx | `B` |
                """)
        #expect(table.imports["A"] == .some([]))
        #expect(table.mayImport("Ports", from: "B") && table.mayImport("CX", from: "B"))
        #expect(!table.mayImport("B", from: "A") && !table.mayImport("CX", from: "C"))
        #expect(table.mayImport("A", from: "C"))
        #expect(table.doors == ["CX": "B"])
    }
}
