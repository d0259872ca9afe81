"""Job postings, written for these tests, and what is read in each."""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    """A posting, the title and trade that are read in it, and some words that have to match."""

    text: str
    title: str
    trade: str
    found: dict[str, set[str]]


POSTINGS: dict[str, Case] = {
    "retail": Case(
        """
Part-time Sales Associate (m/f/d)
Lantern & Thread, our shop for lamps and fabrics, is looking for help on four afternoons a week.

You welcome people at the door, work the till and keep the stockroom in order. You handle
complaints calmly and know when to call for help. Regulars will tell you about their week;
you will remember. Bring patience, flexibility on Saturdays, and attention to detail.
""",
        "Part-time sales associate",
        "retail",
        {
            "conflict_resolution": {"complaints"},
            "loyalty": {"regulars"},
            "adaptability": {"flexibility"},
            "going_beyond": {"attention to detail"},
        },
    ),
    "call centre": Case(
        """
Job title: Inbound Customer Service Representative
Where: Gqeberha, contact centre on the harbour

Some seventy inbound calls a day, headset on. Callers have billing questions, and now and then
they are angry. We look for active listening, a good phone manner, the gift to de-escalate, and
someone who stays calm under pressure. Work in a team of twelve.
""",
        "Inbound customer service representative",
        "call_centre",
        {
            "active_listening": {"active listening"},
            "difficult_customers": {"angry"},
            "conflict_resolution": {"de-escalate"},
            "misunderstanding": {"billing questions"},
            "strong_emotions": {"calm", "under pressure"},
            "collaboration": {"work in a team"},
        },
    ),
    "hotel": Case(
        """
THE QUAY HOUSE HOTEL
Night Receptionist

Eleven to seven, alone at the front desk. International guests, most of them kind, some
of them tired. You look after check-in, a demanding guest now and then, and the bar. You enjoy
going the extra mile, and you speak two languages. You hand over to housekeeping at six.
""",
        "Night receptionist",
        "hospitality",
        {
            "culture_and_belief": {"international guests", "languages"},
            "difficult_customers": {"demanding guest"},
            "going_beyond": {"going the extra mile"},
            "collaboration": {"hand over", "housekeeping"},
        },
    ),
    "bank branch": Case(
        """
Position - Branch Customer Adviser
Our branch in the market hall serves older customers who prefer a counter to an app.

You explain loans and savings in plain language, keep to data protection and compliance rules,
notice fraud, and can say no in a friendly way. Building relationships over years matters
more to us than selling.
""",
        "Branch customer adviser",
        "banking",
        {
            "adapting_style": {"older customers"},
            "communication": {"explain", "plain language"},
            "boundaries": {"data protection", "compliance", "fraud", "say no"},
            "loyalty": {"building relationships"},
        },
    ),
    "software support": Case(
        """
We are hiring: Technical Support Specialist, remote

Our software plans bus routes. You answer tickets by email, troubleshoot with people who are
non-technical, write clear bug reports, and find the root cause together with the developers.
Written English has to be very good. You take ownership and collaborate across time zones.
""",
        "Technical support specialist",
        "software_support",
        {
            "problem_solving": {"tickets", "troubleshoot", "root cause", "bug reports"},
            "adapting_style": {"non-technical"},
            "communication": {"written english"},
            "going_beyond": {"ownership"},
            "collaboration": {"collaborate"},
        },
    ),
    "airline": Case(
        """
Passenger Service Agent - Riga airport

You check in passengers, and at the gate you tell them about delays and cancellations. In
irregular operations you rebook a whole flight with a smile that is meant. Shift work. You are
assertive where safety rules demand it and compassionate where a flight was missed.
""",
        "Passenger service agent",
        "other",
        {
            "bad_news": {"delays", "cancellations"},
            "adaptability": {"shift work", "irregular operations"},
            "boundaries": {"assertive", "safety rules"},
            "sympathy_and_empathy": {"compassionate"},
        },
    ),
    "clinic reception": Case(
        """
Vacancy: Medical Receptionist

A clinic for children's teeth. You are the first voice that anxious parents hear. You keep the
waiting list, guard confidential papers, listen to patients of all ages, and bring empathy even
at five to six. Emergencies come without an appointment.
""",
        "Medical receptionist",
        "health",
        {
            "strong_emotions": {"anxious", "emergencies"},
            "bad_news": {"waiting list"},
            "boundaries": {"confidential"},
            "active_listening": {"listen to patients"},
            "adapting_style": {"all ages"},
            "sympathy_and_empathy": {"empathy"},
        },
    ),
    "town hall": Case(
        """
Counter Clerk, Residents' Registry

The council seeks somebody for its public service counter. Residents come with forms, queries and
sometimes tears. You clarify what is missing, respect every culture in a multicultural town, and
resolve disputes about fees by the regulations.
""",
        "Counter clerk",
        "public_service",
        {
            "misunderstanding": {"queries", "clarify"},
            "culture_and_belief": {"multicultural"},
            "conflict_resolution": {"disputes"},
            "boundaries": {"regulations"},
        },
    ),
    "gym": Case(
        """
Membership Advisor at Stone Street Gym
Keep our members: retention is your heart. You talk with people who want to leave, exceed what
they expect, and build rapport. Proactive, and a team player.
""",
        "Membership advisor",
        "other",
        {
            "loyalty": {"retention", "rapport"},
            "going_beyond": {"exceed", "proactive"},
            "collaboration": {"team player"},
        },
    ),
    "museum": Case(
        """
Role: Visitor Experience Host

In our museum no two days are alike. School groups, difficult conversations about the price of
a ticket, and visitors who are upset as a room is closed. You adapt your language to whoever
stands before you.
""",
        "Visitor experience host",
        "other",
        {
            "adaptability": {"no two days"},
            "difficult_customers": {"difficult conversations", "upset"},
            "adapting_style": {"adapt your language"},
        },
    ),
}
