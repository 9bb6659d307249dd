using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millpond.Journals;
using Millpond.Testing.Journals;
using Millpond.Testing.Sinks;
using Millpond.Testing.Time;

namespace Millpond.Tests.Writing.Behind;

/// <summary>Programs that start while their journal's server is away.</summary>
public sealed class AwayAtTheStart
{
    [Fact]
    public void What_was_acknowledged_before_is_flushed_when_the_journal_is_back_though_nobody_writes()
    {
        var surroundings = new SimulatedSurroundings(seed: 1);
        var (store, source) = (new InMemoryJournalStore(surroundings), new InMemorySink<int, long>());
        store.Append([new(JournalKind.Increment, "7", default, 3)]);
        var journal = new HookedJournal(store.NewJournal()) { BeforeOpen = () => throw new JournalException(JournalFailure.Refused, "away") };
        var services = new ServiceCollection();
        services.AddSingleton<Millpond.Runtime.Surroundings>(surroundings);
        services.AddMillpond(m => m.AddMergedCounters<int>("views", _ => journal, _ => source));
        surroundings.Run(async () =>
        {
            await using var program = services.BuildServiceProvider();
            foreach (var service in program.GetServices<IHostedService>())
            {
                await service.StartAsync(CancellationToken.None);
            }

            var behind = program.GetRequiredService<ICache>().WriteBehind("views");
            Pass(surroundings, TimeSpan.FromMinutes(1));
            Assert.Equal(FlusherState.Failing, behind.Statistics().State);
            Assert.Empty(source.Sums);
            journal.BeforeOpen = null;
            Pass(surroundings, TimeSpan.FromMinutes(1));
            Assert.Equal(FlusherState.Flushing, behind.Statistics().State);
            Assert.Equal(3, source.Sums[7]);
        });
    }

    private static void Pass(SimulatedSurroundings surroundings, TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromMilliseconds(50))
        {
            surroundings.RunUntilIdle();
            surroundings.Clock.Advance(TimeSpan.FromMilliseconds(50));
        }

        surroundings.RunUntilIdle();
    }
}
