import Testing

@testable import Backtest

@Suite struct SweepGridTests {
    @Test func everyCombinationOnce() throws {
        let grid = try SweepGrid("fast=5..7, slow=20..60:20,mode=a|b,x=0.5..1:0.25")
        #expect(grid.count == 3 * 3 * 2 * 3)
        let all = (0..<grid.count).map { grid[$0] }
        #expect(Set(all).count == grid.count)
        #expect(all.first == ["5", "20", "a", "0.5"])
        #expect(all.last == ["7", "60", "b", "1"])
        #expect(grid.axes.map(\.name) == ["fast", "slow", "mode", "x"])
    }

    @Test(arguments: [
        "", "fast", "fast=", "=3", "fast=5..", "fast=..5", "fast=5..x", "fast=9..5", "fast=1..2:0",
        "fast=1..2:-1", "fast=1..2,fast=3", "a=1|", "a=1|1", "a=1..99999999", "a=1..9,",
        "a=1..999,b=1..999",
    ])
    func whatIsNoGridIsRefused(_ text: String) {
        #expect(throws: SweepGrid.Problem.self) { _ = try SweepGrid(text) }
    }

    /// What people write for a range and is none.
    @Test(arguments: [
        ("fast=5-20", "fast=5..20"), ("mode=a|b,x=0.5-2", "x=0.5..2"), ("mode=a-b", nil),
        ("fast=5..20", nil), ("fast=-5", nil),
    ])
    func aDashIsNoRange(_ text: String, _ better: String?) throws {
        #expect(try SweepGrid(text).looksLikeARange == better)
    }

    @Test func aSingleValueIsAnAxis() throws { #expect(try SweepGrid("fast=5")[0] == ["5"]) }
}
