using Millpond.Loading;
using Millpond.Overload;
using Millpond.Testing.Time;

namespace Millpond.Tests.Loading;

/// <summary>
/// A source as a database is one: so many queries at once cost nothing more, and any beyond share what it can do. Its loads vary as much as they last.
/// </summary>
internal sealed class ModelSource(SimulatedSurroundings surroundings, SourceGuard guard, int capacity, TimeSpan usual)
{
    public double Slowness { get; set; } = 1;

    public bool IsDown { get; set; }

    /// <summary>How many processes like this one ask as much of it.</summary>
    public int Crowd { get; set; } = 1;

    public int Inside { get; private set; }

    public int MostInside { get; set; }

    public int Served { get; set; }

    public int Refused { get; set; }

    public int Begun { get; set; }

    /// <summary>So many callers, each asking for one load after the other until then.</summary>
    public Task CallAsync(int callers, TimeSpan until, string keyspace = "thing", double times = 1) =>
        Task.WhenAll(Enumerable.Range(0, callers).Select(_ => CallerAsync(surroundings.Now + until.Ticks, keyspace, times)));

    private async Task CallerAsync(long until, string keyspace, double times)
    {
        while (surroundings.Now < until)
        {
            var place = await guard.EnterAsync(new PlaceAsk(keyspace), default);
            if (place.Refusal is not null)
            {
                Refused++;
                await surroundings.Delay(TimeSpan.FromMilliseconds(20), default);
                continue;
            }

            Begun++;
            MostInside = Math.Max(MostInside, ++Inside);
            var time = usual * times * Slowness * Math.Max(1, (double)Inside * Crowd / capacity) * -Math.Log(1 - surroundings.NextDouble());
            await surroundings.Delay(IsDown ? TimeSpan.FromMilliseconds(1) : time, default);
            Inside--;
            Served += IsDown ? 0 : 1;
            guard.Leave(place, IsDown ? CallEnd.Failed : CallEnd.Succeeded);
        }
    }
}
