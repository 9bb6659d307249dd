namespace Millpond.Loading;

/// <summary>Somebody who takes turns with others: one line for each priority that he waits in.</summary>
internal interface ITurnTaker<T>
    where T : class, ITurnTaker<T>
{
    /// <summary>His place in each line; null while he is not in it.</summary>
    LinkedListNode<T>?[] Places { get; }
}

/// <summary>Those who wait in one line and take turns: whoever has had one goes to the end, however much he still wants.</summary>
internal sealed class Turns<T>(LoadPriority line)
    where T : class, ITurnTaker<T>
{
    private readonly LinkedList<T> _order = new();

    public bool IsEmpty => _order.Count == 0;

    public T? Last => _order.Last?.Value;

    public void Join(T one) => one.Places[(int)line] ??= _order.AddLast(one);

    public void Leave(T one)
    {
        if (one.Places[(int)line] is { } place)
        {
            _order.Remove(place);
            one.Places[(int)line] = null;
        }
    }

    /// <summary>The first in turn who may; he goes to the end. Who may not keeps his turn, and there are never more of those than loads under way.</summary>
    public T? Next(Func<T, bool> may)
    {
        for (var place = _order.First; place is not null; place = place.Next)
        {
            if (may(place.Value))
            {
                _order.Remove(place);
                _order.AddLast(place);
                return place.Value;
            }
        }

        return null;
    }
}
