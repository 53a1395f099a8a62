import Testing

@testable import Platform

@Suite struct CrashReportTests {
    @Test(
        arguments: [
            (nil, "registers=none,interactive=no"), ("", "registers=none,interactive=no"),
            ("color=no", "color=no,registers=none,interactive=no"),
            ("registers=all", "registers=all,interactive=no"),
            ("interactive=yes,registers=none", nil),
            ("enable=no", nil), ("enable=no,color=no", nil),
            ("enable=yes,registers=none,interactive=no", nil),
        ] as [(String?, String?)])
    func whatIsAskedForCountsAndTheRestIsAdded(_ given: String?, _ expected: String?) {
        #expect(CrashReport.settings(with: given) == expected)
        if let expected { #expect(CrashReport.settings(with: expected) == nil, "it ends") }
    }
}
