using Millpond.Testing.Time;
using Xunit;

namespace Millpond.Testing.Tests.Time;

public sealed class RunningInSimulation
{
    [Fact]
    public void Draws_the_same_from_the_same_seed_and_else_not()
    {
        Assert.Equal(Drawn(1), Drawn(1));
        Assert.NotEqual(Drawn(1), Drawn(2));
        Assert.DoesNotContain(Drawn(3), text => text == default(Millpond.Shared.Nonce).ToString());
    }

    [Fact]
    public void Keeps_every_continuation_on_one_thread_and_moves_time_by_itself()
    {
        var surroundings = new SimulatedSurroundings(1);
        var threads = new HashSet<int>();
        var order = new List<string>();
        surroundings.Run(async () =>
        {
            TaskCompletionSource<int> handed = surroundings.NewCompletion<int>();
            surroundings.RunAside(async () =>
            {
                await surroundings.Delay(TimeSpan.FromHours(1), default);
                Note("aside");
                handed.SetResult(7);
            });
            Note("before");
            Assert.Equal(7, await handed.Task.ConfigureAwait(false));
            Note("after");
        });

        Assert.Single(threads);
        Assert.Equal(["before", "aside", "after"], order);
        Assert.Equal(TimeSpan.FromHours(1), surroundings.Clock.Elapsed);

        void Note(string what)
        {
            order.Add(what);
            threads.Add(Environment.CurrentManagedThreadId);
        }
    }

    [Fact]
    public void Says_when_work_can_never_end()
    {
        var surroundings = new SimulatedSurroundings(1);
        var fault = Assert.Throws<InvalidOperationException>(() => surroundings.Run(() => surroundings.NewCompletion<int>().Task));
        Assert.Contains("Stuck", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_when_work_aside_throws()
    {
        var surroundings = new SimulatedSurroundings(1);
        surroundings.RunAside(() => throw new FormatException());
        var fault = Assert.Throws<InvalidOperationException>(surroundings.RunUntilIdle);
        Assert.IsType<FormatException>(fault.InnerException);
    }

    [Fact]
    public void Notices_a_continuation_that_left_the_thread()
    {
        var surroundings = new SimulatedSurroundings(1);
        Exception? seen = null;
        surroundings.Run(() =>
        {
            var elsewhere = new Thread(() => seen = Record.Exception(() => surroundings.NextDouble()));
            elsewhere.Start();
            elsewhere.Join();
            return Task.CompletedTask;
        });
        Assert.IsType<InvalidOperationException>(seen);
    }

    private static List<string> Drawn(int seed)
    {
        var surroundings = new SimulatedSurroundings(seed);
        return [.. Enumerable.Range(0, 50).Select(_ => $"{surroundings.NextNonce()} {surroundings.NextDouble()}")];
    }
}
