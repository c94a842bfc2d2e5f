/** The word lists of the closed world. Everything Pebble says is made of these and of the sentence forms beside them. */

const list = (words: string) => words.split(" ");

export const WOMEN = list("Anna Clara Emma Grace Kate Mia Rosa Tina Vera Lucy");
export const MEN = list("Ben David Henry Jack Leo Noah Paul Sam Carl Hugo");
export const PEOPLE = [...WOMEN, ...MEN];

export const ANIMALS = list(
  "dog cat cow horse frog duck owl bee ant sheep hen lion wolf pig whale mouse goat snake bear crow deer seal bat fox",
);
/** What each animal does, in the order of `ANIMALS`; each belongs to one animal and so names it in two-hop facts. */
export const SOUNDS = list(
  "barks meows moos neighs croaks quacks hoots buzzes clicks bleats clucks roars howls grunts sings squeaks " +
    "calls hisses growls caws bells grumbles chirps yelps",
);
export const HOMES = list(
  "kennel house barn stable pond lake tree hive nest field coop desert forest sty ocean hole",
);
export const FOODS = list(
  "meat fish grass hay flies bread seeds nectar crumbs clover corn rabbits turnips krill cheese berries",
);
export const TRAITS = list("shy brave lazy clever gentle proud");
export const COLORS = list("red blue green yellow black white brown gray");

export const JOBS = list(
  "baker tailor smith potter miller farmer mason weaver carver cobbler brewer printer sailor hunter gardener " +
    "painter cook glazier miner fisher",
);
/** What each worker sells, in the order of `JOBS`; each belongs to one worker. */
export const PRODUCTS = list(
  "loaves coats horseshoes pots flour carrots tiles cloth statues boots ale books maps furs roses portraits stews " +
    "windows coal nets",
);
export const JOB_TOOLS = list(
  "oven needle hammer wheel sieve plow chisel loom knife awl barrel press compass bow",
);
export const DAYS = list("Monday Tuesday Wednesday Thursday Friday Saturday Sunday");
export const TOWNS = list(
  "Oakton Riverby Stonefield Hilltop Marsden Elmwood Fairhaven Longford Redcliff Westbury Ashby Norwick",
);
export const RIVERS = list("Avon Brint Calder Dove Esk Frome Gade Hull");

export const PLACES = list("kitchen garden market school attic park shop tower library cellar hall station");
export const OBJECTS = list(
  "ball book hat lamp cup coin ring drum kite doll box map clock bell rope key bag trunk drawer vase chair table " +
    "crown flute brick spoon scarf letter mirror plate basket pillow",
);
export const MATERIALS = list("wood iron glass wool paper clay");
export const VERBS = list(
  "cut clean mend paint carry mark open store move polish lift dry heat fill hang wrap sort bind wash roll",
);
export const TOOLS = list(
  "saw scissors file sponge brush glue thread nail varnish spray roller cart crate sack chalk pen stamp lever " +
    "blade shelf jar cord wax oil paste",
);

export const NUMBERS = list("zero one two three four five six seven eight nine ten");
export const COUNTED = list("coins stones shells beads nuts cards");
export const ITEMS = list("apple plum carrot onion pear bean lemon potato cherry pepper");

/** One way to make something of an item: `{x}` is the item, `{a x}` the item with its article. */
export interface Procedure {
  goal: string;
  steps: readonly [string, string, string, string, string];
}

export const PROCEDURES: readonly Procedure[] = [
  {
    goal: "make {x} soup",
    steps: [
      "wash the {x}",
      "peel the {x}",
      "boil the {x} with salt",
      "stir the {x} broth",
      "taste the {x} soup",
    ],
  },
  {
    goal: "make {x} jam",
    steps: [
      "pick the {x}",
      "weigh the {x}",
      "mix the {x} with sugar",
      "stir the {x} until thick",
      "put the {x} jam in a jar",
    ],
  },
  {
    goal: "bake {a x} pie",
    steps: [
      "choose a ripe {x}",
      "slice the {x}",
      "lay the {x} on the dough",
      "bake the {x} for an hour",
      "serve the {x} pie",
    ],
  },
  {
    goal: "make {a x} salad",
    steps: [
      "rinse the {x}",
      "chop the {x}",
      "mix the {x} with oil",
      "add herbs to the {x}",
      "eat the {x} salad",
    ],
  },
  {
    goal: "brew {x} tea",
    steps: [
      "dry the {x}",
      "crush the {x}",
      "pour hot water on the {x}",
      "wait for the {x} to sink",
      "drink the {x} tea",
    ],
  },
  {
    goal: "grow {a x}",
    steps: [
      "dig a hole for the {x}",
      "set the {x} in soil",
      "water the {x}",
      "pull weeds near the {x}",
      "harvest the new {x}",
    ],
  },
  {
    goal: "make {x} paint",
    steps: [
      "mash the {x}",
      "strain the {x} through cloth",
      "mix the {x} with clay",
      "let the {x} dry",
      "brush the {x} paint on wood",
    ],
  },
  {
    goal: "make {a x} pickle",
    steps: [
      "scrub the {x}",
      "cover the {x} with salt",
      "drown the {x} in vinegar",
      "close the lid on the {x}",
      "open the {x} pickle in winter",
    ],
  },
];
