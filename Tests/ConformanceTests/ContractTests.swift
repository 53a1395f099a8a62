import Foundation
import TestKit
import Testing

@testable import Conformance

/// The checks and docs/PROTOCOL.md know each other.
@Suite struct ContractTests {
    private let page: String

    init() throws {
        page = try String(
            contentsOf: Python.root.appendingPathComponent("docs/PROTOCOL.md"), encoding: .utf8)
    }

    @Test func everyCheckNamesAChapter() {
        let chapters = Set(page.matches(of: /(?m)^## (.+)$/).map { String($0.1) })
        #expect(chapters.count >= 15)
        for check in Conformance.checks where !chapters.contains(check.chapter) {
            Issue.record("\(check.name) stands in no chapter '\(check.chapter)'")
        }
    }

    @Test func everyGroupIsToldOf() {
        let rows = page.matches(of: /(?m)^\| `([a-z]+)` \| .* \| (\d+) \|$/)
        #expect(
            rows.map { "\($0.1) \($0.2)" }
                == Check.Group.allCases.map { group in
                    "\(group.rawValue) \(Conformance.checks.count { $0.group == group })"
                })
    }

    @Test func namesAndWordsAreFit() {
        let names = Conformance.checks.map(\.name)
        #expect(Set(names).count == names.count)
        for check in Conformance.checks {
            #expect(check.name.wholeMatch(of: /[a-z]+(-[a-z]+)*/) != nil, "\(check.name)")
            #expect(check.says.hasSuffix("."), "\(check.name): \(check.says)")
        }
        #expect(Conformance.needed.allSatisfy(names.contains))
    }
}
