/**
 * British to American spelling. The reference normaliser carries a list of some 1,700 words; most of them belong to a
 * few families, so the families are written here as stems and endings and the rest as single words. A word outside
 * both is left as it is.
 */
const families: readonly { stems: string; ending: string; american: string; tails: string }[] = [
  {
    stems:
      'agon apolog author bapt capital categor central character civil colon commercial critic crystall custom dramat econom emphas equal fertil final formal general global harmon hospital hypnot ideal immun industrial initial legal local maxim memor minim mobil modern national neutral normal optim organ penal personal popular priorit public rational real recogn revolution sensational social special stabil standard steril summar symbol sympath terror util vandal victim visual vocal',
    ending: 'is',
    american: 'iz',
    tails: 'e ed es er ers ing ation ations able',
  },
  {
    stems:
      'arb ard arm behavi cand clam col demean disfav dishon discol enam endeav fav flav ferv harb hon hum lab neighb od parl ranc rig rum sav savi splend succ tum val vap vig',
    ending: 'our',
    american: 'or',
    tails: ' s ed ing able ably al ed ers er ful fully hood hoods ing ite ites less ly y ies',
  },
  {
    stems:
      'backpeda cance caro channe chise counse cudge dia due ename equa fue grue jewe labe leve libe marve mode nicke panne peda penci quarre rave reve riva shove shrive signa snive spira swive tota towe trave tunne unrave',
    ending: 'll',
    american: 'l',
    tails: 'ed er ers ing ings or ors',
  },
  { stems: 'anal paral catal breathal', ending: 'ys', american: 'yz', tails: 'e ed es er ers ing' },
  {
    stems:
      'amphitheat calib cent centilit centimet fib goit kilomet lit lust meag met millilit millimet och reconnoit sab saltpet scept sepulch somb spect theat',
    ending: 're',
    american: 'er',
    tails: ' s',
  },
  { stems: 'anal catal dial', ending: 'ogue', american: 'og', tails: ' s' },
];

const singles =
  'ageing:aging aeroplane:airplane aeroplanes:airplanes aluminium:aluminum anaemia:anemia anaesthetic:anesthetic archaeology:archeology artefact:artifact artefacts:artifacts axe:ax centred:centered cheque:check cheques:checks chequered:checkered chilli:chili cosy:cozy councillor:councilor defence:defense defences:defenses disc:disk discs:disks dishevelled:disheveled distil:distill draught:draft draughts:drafts encyclopaedia:encyclopedia enrol:enroll enrolment:enrollment foetus:fetus fulfil:fulfill fulfilment:fulfillment gaol:jail grey:gray greyed:grayed greyer:grayer greyish:grayish greys:grays instalment:installment instalments:installments instil:instill jewellery:jewelry jeweller:jeweler judgement:judgment judgements:judgments kerb:curb licence:license licences:licenses manoeuvre:maneuver manoeuvres:maneuvers manoeuvred:maneuvered marvellous:marvelous mediaeval:medieval mould:mold moulds:molds mouldy:moldy moult:molt moustache:mustache moustaches:mustaches mum:mom mums:moms mummy:mommy offence:offense offences:offenses omelette:omelet omelettes:omelets paediatric:pediatric plough:plow ploughed:plowed ploughing:plowing ploughs:plows practise:practice practised:practiced practises:practices practising:practicing pretence:pretense programme:program programmes:programs pyjamas:pajamas sceptic:skeptic sceptical:skeptical sceptics:skeptics skilful:skillful skilfully:skillfully smoulder:smolder smouldering:smoldering storey:story storeys:stories sulphur:sulfur traveller:traveler travellers:travelers tyre:tire tyres:tires waggon:wagon waggons:wagons wilful:willful wilfully:willfully woollen:woolen woollens:woolens yoghurt:yogurt yoghurts:yogurts';

const americanOf = buildSpelling();

function buildSpelling(): ReadonlyMap<string, string> {
  const words = new Map<string, string>();
  for (const { stems, ending, american, tails } of families) {
    for (const stem of stems.split(' ')) {
      for (const tail of tails.split(' ')) words.set(stem + ending + tail, stem + american + tail);
    }
  }
  for (const pair of singles.split(' ')) {
    const [british, other] = pair.split(':');
    if (british && other) words.set(british, other);
  }
  return words;
}

/** Replaces British spellings, word by word. Expects lower-case words parted by white space. */
export function americanSpelling(text: string): string {
  return text
    .split(/\s+/)
    .map((word) => americanOf.get(word) ?? word)
    .join(' ');
}
