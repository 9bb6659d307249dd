using Millpond.Events;

namespace Millpond.Tests.Local;

public sealed class HitCounting
{
    [Fact]
    public void Every_hit_is_counted_once_by_threads_that_come_and_go()
    {
        HitCounter[] counters = [new(), new()];
        for (var round = 0; round < 20; round++)
        {
            Thread[] threads = [.. Enumerable.Range(0, 12).Select(n => new Thread(() =>
            {
                for (var hit = 0; hit < 3_000; hit++)
                {
                    HitCounter.Add(counters[(hit + n) % 2].Mine, hit % 4);
                }
            }))];
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.All(Enumerable.Range(0, 4), kind => Assert.Equal(20 * 12 * 3_000 / 4, counters[0].Sum(kind) + counters[1].Sum(kind)));
    }

    [Fact]
    public void Living_threads_have_numbers_of_their_own_and_those_of_the_dead_are_used_again()
    {
        var highest = 0;
        for (var round = 0; round < 30; round++)
        {
            using var all = new Barrier(8);
            var numbers = new int[8];
            Thread[] threads = [.. Enumerable.Range(0, 8).Select(n => new Thread(() =>
            {
                numbers[n] = ThreadCells.Mine;
                all.SignalAndWait();
                numbers[n] = numbers[n] == ThreadCells.Mine ? numbers[n] : -1 - n;
            }))];
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());
            Assert.Equal(8, numbers.Distinct().Count());
            Assert.All(numbers, number => Assert.InRange(number, 0, int.MaxValue));
            highest = Math.Max(highest, numbers.Max());
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        // 240 threads came; the pool of the test run has some of the numbers too.
        Assert.InRange(highest, 7, 150);
    }
}
