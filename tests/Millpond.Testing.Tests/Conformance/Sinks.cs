using Millpond.Sinks;
using Millpond.Testing.Conformance;
using Millpond.Testing.Sinks;
using Xunit;

namespace Millpond.Testing.Tests.Conformance;

/// <summary>The contract of sinks, judged on the one in memory.</summary>
public sealed class Sinks
{
    public static TheoryData<string> Names => [.. SinkConformance.Cases.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Case(string name)
    {
        await using var fixture = new InMemoryFixture();
        await SinkConformance.Cases.Single(c => c.Name == name).RunAsync(fixture);
    }

    private sealed class InMemoryFixture : ISinkFixture
    {
        private readonly InMemorySink<int, string> _notes = new() { Refuses = item => item.Value == ISinkFixture.Refused };
        private readonly InMemorySink<int, long> _counts = new();

        public IWriteSink<int, string> NewNotes() => _notes;

        public IWriteSink<int, long> NewCounts() => _counts;

        public ValueTask<string?> NoteAsync(int key) => new(_notes.Rows.GetValueOrDefault(key));

        public ValueTask<long> CountAsync(int key) => new(_counts.Sums.GetValueOrDefault(key));

        public ValueTask DisposeAsync() => default;
    }
}
